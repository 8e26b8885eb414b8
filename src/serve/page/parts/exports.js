// The incident as a file: formats, zone, language and quotes to choose from.

import { address, download } from "../api.js";
import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { LOCALES, locale, zone } from "../settings.js";
import { failed } from "./states.js";

/** Formats in the order in which they are offered, in groups. */
const FORMATS = [
  ["read", ["html", "markdown", "svg", "png"]],
  ["timeline", ["timelinejs", "timelinejs-csv", "ics"]],
  ["table", ["xlsx", "csv", "datawrapper", "vega-lite"]],
  ["data", ["json", "ndjson", "parquet", "gexf", "ro-crate"]],
];

/** A form that downloads `{path}/export` with what is chosen. */
export function exportForm(path, incident) {
  const group = ([key, formats]) => h("optgroup", { label: t(`export.group.${key}`) }, formats.map((name) => h("option", { value: name }, `${name}: ${t(`export.${name}`)}`)));
  const format = h("select", { name: "format" }, FORMATS.map(group));
  const language = h("select", { name: "locale" }, LOCALES.map((code) => h("option", { value: code, selected: code === locale() }, t(`locale.${code}`))));
  const quotes = h("input", { name: "quotes", type: "number", min: 0, max: 20, value: "3", inputmode: "numeric" });
  const status = h("span", { role: "status", class: "note" });
  const form = h("form", { class: "filters", action: `/api/v1${path}/export` },
    label(t("export.format"), format), label(t("settings.language"), language), label(t("export.quotes"), quotes),
    h("button", { type: "submit" }, t("export.go")), status);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    put(status, t("state.loading"));
    try {
      await download(address(`${path}/export`, { format: format.value, tz: zone(), locale: language.value, quotes: quotes.value }), `${incident.id}.${format.value}`);
    } catch (error) {
      failed(error);
    }
    put(status);
  });
  return h("div", {}, h("p", { class: "note" }, t("export.note", { zone: zone() })), form);
}

function label(words, field) {
  return h("label", {}, h("span", {}, words), field);
}
