// A table that becomes a list of cards on a phone, with a CSV of what it shows.

import { h } from "../dom.js";
import { csv, tableMenu } from "./downloads.js";

/**
 * A table. Columns are `{name, isNumber?, isRowHeader?, show?(row), csv?(row), csvName?}`; `show` gives a text, a node or a
 * list of them, and a column without it stands in the CSV only; `csv` comes with `csvName`. `file` is the name of the CSV without ending; without it
 * there is no download of this table's own.
 */
export function table({ caption, columns, rows, file, files = [], isCaptionHidden = false, className = "" }) {
  const own = file && csvFile(file, columns, rows);
  const shown = columns.filter((column) => column.show);
  const all = [own, ...files].filter(Boolean);
  return h("div", { class: "table-box" },
    all.length > 0 ? tableMenu(caption, all, "menus table-menus") : null,
    h("table", { class: `cards ${className}` },
      h("caption", { class: isCaptionHidden ? "hidden" : null }, caption),
      h("thead", {}, h("tr", {}, shown.map((column) => h("th", { scope: "col", class: column.isNumber ? "number" : null }, column.name)))),
      h("tbody", {}, rows.map((row) => tableRow(shown, row)))));
}

/** Rows as a CSV to download: what the columns of a table have for it. */
export function csvFile(name, columns, rows, label = "CSV") {
  const header = columns.filter((column) => column.csv);
  return {
    label, name: `${name}.csv`,
    make: () => csv(header.map((column) => column.csvName), rows.map((row) => header.map((column) => column.csv(row)))),
  };
}

/** One row of such a table. */
function tableRow(columns, row) {
  return h("tr", {}, columns.map((column) => {
    const attributes = { class: column.isNumber ? "number" : column.className ?? null, "data-name": column.name };
    if (column.isRowHeader) return h("th", { scope: "row", ...attributes }, column.show(row));
    return h("td", attributes, h("span", {}, column.show(row)));
  }));
}
