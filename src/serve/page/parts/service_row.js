// One row of the overview: a service with its state, its rate against what is expected, and its course.

import { h, put, say } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { link } from "../router.js";
import { courseMenu, fetched, flat } from "./course.js";
import { authorsText, estimate } from "./estimates.js";

/** Least time between two drawings of one course: many rows that change at once must not be many requests. */
const DRAW_MS = 12_000;

/** Whether people complain of a service, or it fails, or did: what other rows have nothing to say of. */
export const isLoud = (service) => service.state !== "quiet" || service.num_complaints > 0;

/** Tells rows when they are seen. */
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) rowOf.get(target)?.see(isIntersecting);
}, { rootMargin: "200px" });
const rowOf = new WeakMap();

/** One service. Rows of `isLoud` services have their course from the server. */
export class ServiceRow {
  constructor(id, loud, parameters, signal) {
    Object.assign(this, { id, isLoud: loud, parameters, signal, key: null, drawnAt: 0, isSeen: false });
    this.name = h("a", { "data-key": id }, names.service(id));
    this.state = h("span", { class: "pill" });
    this.since = h("span", {}, "–");
    this.last = h("span", { class: "strong" });
    this.expected = h("span", { class: "interval" });
    this.complaints = h("span");
    this.authors = h("span");
    this.spark = h("div", { class: "spark-box" });
    const cell = (key, content, name) => h("td", { class: name ?? null, "data-name": t(`column.${key}`) }, h("span", {}, content));
    this.element = h("tr", {},
      h("th", { scope: "row", "data-name": t("column.service") }, this.name),
      cell("state", this.state), cell("onset", this.since),
      cell("rate", [this.last, " ", this.expected], "number"),
      h("td", { class: "spark", "data-name": t("column.spark") }, h("div", { class: "spark-line" }, this.spark, courseMenu(id, parameters))),
      cell("complaints", this.complaints, "number"), cell("authors", this.authors, "number"));
    if (!loud) return;
    rowOf.set(this.element, this);
    watcher.observe(this.element);
  }

  /** Shows what was told of the service; `told` is the overview that it is of. */
  update(service, told) {
    const { last, expected, expected_low: low, expected_high: high } = service.complaints_per_min ?? {};
    const quietQuery = { q: `down:${this.id} kind:complaint` };
    this.name.setAttribute("href", service.incident_id ? `/incidents/${encodeURIComponent(service.incident_id)}` : link("/query", quietQuery));
    this.state.setAttribute("class", `pill ${service.state}`);
    say(this.state, t(`state.${service.state}`));
    const since = service.since ? JSON.stringify(service.since) : "";
    if ((this.shownSince ?? "") !== since) {
      this.shownSince = since;
      put(this.since, service.since ? estimate(service.since, told.at) : "–");
    }
    const isHeard = last !== null && last !== undefined;
    this.last.setAttribute("class", isHeard ? "strong" : "note");
    say(this.last, isHeard ? format.rate(last) : t("overview.unheard"));
    say(this.expected, isHeard && expected !== null && expected !== undefined ? expectedWords(expected, low, high) : "");
    say(this.complaints, format.count(service.num_complaints));
    say(this.authors, authorsText(service.num_authors));
    // The drawing changes with the counts of this service, and with every bin.
    const key = `${service.num_complaints} ${service.state} ${last} ${Math.floor(Date.parse(told.at) / 1000 / told.bin_secs)}`;
    if (key === this.key) return;
    this.key = key;
    this.isStale = true;
    if (this.isLoud) {
      if (this.isSeen) this.draw();
    } else if (told.coverage.from) put(this.spark, flat(this.id, expected ?? 0, told));
  }

  /** The row comes into sight, or leaves it. */
  see(isSeen) {
    this.isSeen = isSeen;
    if (isSeen) this.draw();
  }

  /** Draws the course anew where it is old; `isWanted` also where it was drawn a moment ago. */
  async draw(isWanted = false) {
    if (!this.isLoud || !this.isStale || (!isWanted && Date.now() - this.drawnAt < DRAW_MS)) return;
    this.isStale = false;
    this.drawnAt = Date.now();
    try {
      const drawn = await fetched(this.id, this.parameters, this.signal);
      // The old drawing stays until the new one is there: nothing flickers.
      if (drawn) put(this.spark, drawn);
    } catch {
      [this.isStale, this.drawnAt] = [true, 0];
    }
  }

  end() {
    watcher.unobserve(this.element);
    this.element.remove();
  }
}

/** What is usual, in parentheses; bounds that round to the same say nothing more. */
function expectedWords(expected, low, high) {
  const [least, most] = [low, high].map(format.rate);
  return least === most ? t("overview.expectedOnly", { rate: format.rate(expected) }) : t("overview.expected", { rate: format.rate(expected), low: least, high: most });
}
