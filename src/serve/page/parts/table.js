// A table that becomes a list of cards on a phone, with files of what it shows.

import { h } from "../dom.js";
import { csv, tableMenu } from "./downloads.js";
import { pictureFiles } from "./table_picture.js";

/**
 * A table. Columns are `{name, isNumber?, isRowHeader?, show?(row), csv?(row), csvName?}`; `show` gives a text, a node or a
 * list of them, and a column without it stands in the CSV only; `csv` comes with `csvName`. `file` is the name of its files without ending; `csv` is its
 * table for spreadsheets where that is not made of the columns and rows, `files` are more to download.
 */
export function table({ caption, columns, rows, file, csv: own = csvFile(file, columns, rows), files = [], isCaptionHidden = false, className = "" }) {
  const shown = columns.filter((column) => column.show);
  const element = h("table", { class: `cards ${className}` },
    h("caption", { class: isCaptionHidden ? "hidden" : null }, caption),
    h("thead", {}, h("tr", {}, shown.map((column) => h("th", { scope: "col", class: column.isNumber ? "number" : null }, column.name)))),
    h("tbody", {}, rows.map((row) => tableRow(shown, row))));
  const menu = tableMenu(caption, [own, ...pictureFiles(caption, file, () => element), ...files], "menus table-menus");
  return h("div", { class: "table-box" }, menu, element);
}

/** Rows, or what gives them when they are asked for, as a CSV to download: what the columns of a table have for it. */
export function csvFile(name, columns, rows, label = "CSV") {
  const header = columns.filter((column) => column.csv);
  return {
    label, name: `${name}.csv`,
    make: async () => {
      const all = typeof rows === "function" ? await rows() : rows;
      return csv(header.map((column) => column.csvName), all.map((row) => header.map((column) => column.csv(row))));
    },
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
