// All services as the rows of one table: those that people complain of first, then all others, to be found by name.

import { h, kept, say } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import { locale } from "../settings.js";
import * as names from "../names.js";
import { csv, tableMenu } from "./downloads.js";
import { ServiceRow, isLoud } from "./service_row.js";
import { pictureFiles } from "./table_picture.js";

const COLUMNS = [["service"], ["state"], ["onset"], ["rate", "number"], ["spark", "spark"], ["complaints", "number"], ["authors", "number"]];
/** Columns that are of the whole stretch. */
const OF_STRETCH = ["complaints", "spark", "authors"];
const CSV = ["service", "state", "since_low", "since", "since_high", "complaints_per_min", "expected_per_min", "expected_per_min_low", "expected_per_min_high", "complaints", "authors", "authors_low", "authors_high"];

/** The table. `parameters` are those of the overview, `{hours, bin}`. */
export class ServiceTable {
  constructor(parameters, signal) {
    Object.assign(this, { parameters, signal, rows: new Map(), services: new Map(), isWhole: false });
    const length = format.duration(parameters.hours * 3600);
    this.loud = h("tbody", { class: "loud" });
    this.fold = h("button", { type: "button", class: "fold", "aria-expanded": "true", onclick: () => this.unfold(this.isFolded) });
    this.heading = h("tr", { class: "group" }, h("th", { colspan: COLUMNS.length, scope: "rowgroup" }, this.fold));
    this.quiet = h("tbody", { class: "quiet", hidden: true }, this.heading);
    this.search = h("input", { type: "search", name: "find", autocomplete: "off", spellcheck: "false", dir: "auto", oninput: () => this.find() });
    this.found = h("span", { class: "note", role: "status" });
    this.box = h("div", { class: "filters", hidden: true }, h("label", {}, h("span", {}, t("overview.find")), this.search), this.found);
    const title = t("overview.caption", { length, zone: format.zoneName() });
    const table = h("table", { class: "cards overview" },
      h("caption", { class: "hidden" }, title),
      h("thead", {}, h("tr", {}, COLUMNS.map(([key, name]) => h("th", { scope: "col", class: name }, t(`column.${key}`),
        OF_STRETCH.includes(key) ? h("span", { class: "interval" }, ` (${length})`) : null)))),
      this.loud, this.quiet);
    const drawn = () => Promise.all([...this.rows.values()].map((row) => row.draw(true)));
    const files = [{ label: "CSV", name: "overview.csv", make: async () => this.csv() }, ...pictureFiles(title, "overview", () => table, drawn)];
    this.element = h("div", {}, this.box,
      h("div", { class: "table-box" }, tableMenu(t("overview.title"), files, "menus table-menus"), table));
  }

  get isFolded() {
    return this.quiet.classList.contains("folded");
  }

  /** Whether an overview lacks services that this table has to place anew: only one of all services says where. */
  lacks({ services }) {
    const told = new Set(services.map(({ id }) => id));
    return !this.isWhole || [...this.rows.values()].some((row) => row.isLoud && !told.has(row.id));
  }

  /** Shows an overview: of all services, or of those that people complain of. */
  update(told, isWhole) {
    for (const service of told.services) {
      this.services.set(service.id, service);
      this.show(service, told);
    }
    this.isWhole ||= isWhole;
    const collator = new Intl.Collator(locale());
    const byName = told.services.filter((service) => !isLoud(service)).sort((a, b) => collator.compare(names.service(a.id), names.service(b.id)));
    kept(this.element, () => {
      this.place(this.loud, told.services.filter(isLoud), 0);
      if (!isWhole) return;
      this.place(this.quiet, byName, 1);
      // Services that no overview of all has any more.
      for (const [id, row] of this.rows) if (!told.services.some((service) => service.id === id)) this.leave(id, row);
    });
    const numQuiet = this.quiet.rows.length - 1;
    this.quiet.hidden = numQuiet === 0;
    this.box.hidden = !this.isWhole;
    say(this.fold, t("overview.quiet", { n: numQuiet }));
    this.find();
  }

  /** Brings the row of a service up to date; where people begin to complain of it, or stop, it is another one. */
  show(service, told) {
    const before = this.rows.get(service.id);
    const isSame = before?.isLoud === isLoud(service);
    const row = isSame ? before : new ServiceRow(service.id, isLoud(service), this.parameters, this.signal);
    row.update(service, told);
    if (isSame) return;
    this.rows.set(service.id, row);
    if (!before) return;
    // It stands where the other stood until it is placed, so that a hand on that one is on this one.
    kept(this.element, () => before.element.replaceWith(row.element));
    before.end();
  }

  /** Puts rows in their order; one that is where it should be is not touched, so that focus and selection stay. */
  place(body, services, first) {
    services.forEach(({ id }, index) => {
      const { element } = this.rows.get(id);
      const there = body.rows[first + index] ?? null;
      if (there !== element) body.insertBefore(element, there);
    });
  }

  leave(id, row) {
    row.end();
    this.rows.delete(id);
    this.services.delete(id);
  }

  unfold(isOpen) {
    this.quiet.classList.toggle("folded", !isOpen);
    this.fold.setAttribute("aria-expanded", String(isOpen));
  }

  /** Shows the rows that are called what the reader wrote. */
  find() {
    const wanted = bare(this.search.value);
    let numFound = 0;
    for (const [id, row] of this.rows) {
      row.element.hidden = wanted !== "" && !names.all(id).some((name) => bare(name).includes(wanted));
      if (!row.element.hidden) numFound += 1;
    }
    if (wanted && this.isFolded) this.unfold(true);
    say(this.found, wanted ? t("overview.found", { n: numFound }) : "");
  }

  csv() {
    return csv(CSV, [...this.services.values()].map((each) => [each.id, each.state, each.since?.low, each.since?.at, each.since?.high,
      each.complaints_per_min?.last, each.complaints_per_min?.expected, each.complaints_per_min?.expected_low, each.complaints_per_min?.expected_high,
      each.num_complaints, each.num_authors, ...(each.num_authors_interval ?? [])]));
  }
}

/** A name without case, accents and variants of Arabic letters. */
function bare(text) {
  return text.trim().normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("\u0640", "").replaceAll("\u0629", "\u0647").toLowerCase();
}
