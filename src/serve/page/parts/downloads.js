// A menu of files: those of the server by address, those of a table made here.

import { address, download, saveBlob } from "../api.js";
import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { locale, shownTheme, zone } from "../settings.js";
import { failed } from "./states.js";

/** Stands for the word where a menu is one of many. */
const ARROW = "\u2193";

/**
 * A menu of downloads; a small one has an arrow for its name. Each file is `{label, path, parameters, name?, isDrawn?, isZoned?}` (from the server) or
 * `{label, name, make}` (made here; `make` gives the text of a CSV, or a blob). Where `files` is a function, it is asked when
 * the menu opens for the first time.
 */
export function downloads(label, files, isSmall = false) {
  const list = h("ul");
  const fill = (all) => put(list, all.map((file) => h("li", {}, entry(file))));
  const menu = h("details", { class: isSmall ? "menu small" : "menu" },
    h("summary", { "aria-label": label, title: isSmall ? label : null }, isSmall ? ARROW : t("download.menu")), list);
  if (typeof files === "function") menu.addEventListener("toggle", () => list.hasChildNodes() || fill(files()));
  else fill(files);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  return menu;
}

/** The menu of a table, or of something else that has a title. */
export function tableMenu(title, files, name = "menus") {
  return h("div", { class: name }, downloads(t("download.table", { title }), files));
}

/** A chart that the server draws, as files that stand alone, and what more there is of it. */
export function chartFiles(path, parameters, more = []) {
  const drawn = (ending) => ({ label: ending.toUpperCase(), path: `${path}.${ending}`, parameters: { ...parameters, size: "wide", standalone: 1 }, isDrawn: true });
  return [drawn("svg"), drawn("png"), ...more];
}

/** Rows of a file that holds more than the page shows; the rest of a longer list is left out. */
export const MOST_ROWS = 5_000;

/** What a file is called that holds all of `total` rows, or as many as one file takes. */
export function wholeLabel(total) {
  return total <= MOST_ROWS ? t("download.all", { n: total }) : t("download.first", { most: MOST_ROWS, n: total });
}

/** One file as a link, or as a button where this page makes it. */
function entry(file) {
  if (file.make) {
    const button = h("button", { type: "button", class: "link" }, file.label);
    const give = async () => {
      const made = await file.make();
      saveBlob(made instanceof Blob ? made : new Blob(["\uFEFF", made], { type: "text/csv;charset=utf-8" }), file.name);
    };
    button.addEventListener("click", () => {
      // What takes a while is made once.
      if (button.hasAttribute("aria-busy")) return;
      button.setAttribute("aria-busy", "true");
      give().catch(failed).finally(() => button.removeAttribute("aria-busy"));
    });
    return button;
  }
  const link = h("a", { href: fileAddress(file), download: file.name ?? true }, file.label);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    // Zone, language and colors are those of the moment of the click.
    download(fileAddress(file), file.name).catch(failed);
  });
  return link;
}

function fileAddress({ path, parameters = {}, isDrawn = false, isZoned = false }) {
  const look = { ...(isDrawn || isZoned ? { tz: zone() } : {}), ...(isDrawn ? { locale: locale(), theme: shownTheme() } : {}) };
  return address(path, { ...parameters, ...look });
}

/** Rows as CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csv(header, rows) {
  return [header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  let text = String(value);
  if (/^'*[=+\-@\t\r\n＝＋－＠]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
