// Every service as a row: its series against the baseline, its state in words, since when.

import { drawing, json } from "../api.js";
import { announce, h, put, say } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as live from "../live.js";
import * as names from "../names.js";
import { parse } from "../parts/drawing.js";
import { chartFiles, csv, downloads, tableMenu } from "../parts/downloads.js";
import { authorsText, estimate, estimateText } from "../parts/estimates.js";
import { empty, loading, problem } from "../parts/states.js";
import { link } from "../router.js";

const HOURS = [1, 6, 24, 72];
/** Least time between two looks at what is new, in milliseconds. */
const EVERY_MS = 4_000;
/** Least time between two drawings of one course: many rows that change at once must not be many requests. */
const SPARK_MS = 12_000;
/** Age above which the newest data are not called live, in milliseconds. */
const OLD_MS = 60 * 60 * 1000;

export async function open({ main, query, signal, title }) {
  title(t("nav.overview"));
  // An archive is looked at as a whole day: what happened is seldom in its last hours.
  const usual = isOld(names.about()?.index?.to) ? 24 : 6;
  const hours = HOURS.includes(Number(query.get("hours"))) ? Number(query.get("hours")) : usual;
  const parameters = { hours, bin: hours <= 6 ? "5m" : hours <= 24 ? "15m" : "1h" };
  const heading = h("h1", { tabindex: "-1" }, t("overview.title"));
  const headline = h("p", { class: "headline" });
  const asOf = h("p", { class: "note" });
  const place = h("div", {}, loading());
  put(main, heading, h("p", { class: "intro" }, t("intro"), " ", h("a", { href: "/about" }, t("intro.more"))),
    headline, asOf, windowChoice(hours, usual), place);
  const rows = new Map();
  let list = null;
  let lastFailing = null;
  let showsAll = false;

  async function look() {
    const isWhole = showsAll;
    let told;
    try {
      told = await json("/overview", { ...parameters, all: isWhole ? 1 : null }, signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 401) throw error;
      // What is shown stays; the connection's own notice says how old it is.
      if (!list) put(place, problem(error, look));
      return;
    }
    // Asked before the reader chose otherwise: the next answer is on its way.
    if (isWhole !== showsAll) return;
    const words = headlineWords(told);
    say(headline, words);
    // Intervals move at every look; who listens is told when a service fails or is back.
    const failing = told.services.filter(({ state }) => state === "ongoing").map(({ id }) => id).sort().join();
    if (lastFailing !== null && lastFailing !== failing) announce(words);
    lastFailing = failing;
    say(asOf, isOld(told.at) ? t("overview.archive", { time: format.moment(told.at), zone: format.zoneName() })
      : t("overview.asOf", { time: format.clockWithSeconds(told.at), zone: format.zoneName() }));
    // Where nothing is told of any, all of them stand there at once.
    if (told.at && told.services.length === 0 && told.num_quiet > 0) {
      showsAll = true;
      await look();
      return;
    }
    if (told.services.length === 0) {
      list = null;
      put(place, empty(t("overview.empty"), t("overview.emptyRemedy")));
      return;
    }
    if (!list) {
      list = table(told, parameters, () => {
        showsAll = !showsAll;
        look().catch(() => {});
      });
      put(place, list.element);
    }
    list.update(told, isWhole, rows, parameters, signal);
  }

  await look();
  let timer = 0;
  let isDue = false;
  const soon = () => {
    if (timer) {
      isDue = true;
      return;
    }
    look().catch(() => {});
    timer = setTimeout(() => {
      timer = 0;
      if (isDue) {
        isDue = false;
        soon();
      }
    }, EVERY_MS);
  };
  live.on("counts", soon, signal);
  live.on("lagged", soon, signal);
  live.on("incident", soon, signal);
  live.on("state", ({ name, before }) => name === "open" && before !== "connecting" && soon(), signal);
  signal.addEventListener("abort", () => clearTimeout(timer));
}

function isOld(time) {
  return Boolean(time) && Date.now() - Date.parse(time) > OLD_MS;
}

function windowChoice(hours, usual) {
  return h("nav", { class: "choice", "aria-label": t("overview.window") }, HOURS.map((each) => h("a", {
    href: link("/", { hours: each === usual ? null : each }), "aria-current": each === hours ? "true" : null,
  }, format.duration(each * 3600))));
}

/** What fails now, in one sentence. */
function headlineWords({ services, at }) {
  const ongoing = services.filter(({ state }) => state === "ongoing");
  const ended = services.filter(({ state }) => state === "ended");
  if (ongoing.length === 0) {
    return ended.length === 0 ? t("overview.calm") : t("overview.back", { list: ended.map(({ id }) => names.service(id)).join(t("list.comma")) });
  }
  const list = ongoing.slice(0, 5).map(({ id, since }) => (since
    ? t("overview.failingSince", { service: names.service(id), since: estimateText(since, at) }) : names.service(id)));
  return t("overview.failing", { n: ongoing.length }) + list.join(t("list.semicolon")) + (ongoing.length > 5 ? " …" : ".");
}

const isActive = (service) => service.state !== "quiet" || service.num_complaints > 0;

function table(first, parameters, onToggle) {
  let told = first;
  const body = h("tbody");
  const toggle = h("button", { type: "button", class: "quiet", onclick: onToggle });
  const head = [["service"], ["state"], ["onset"], ["rate", "number"], ["spark", "spark"], ["complaints", "number"], ["authors", "number"]];
  const file = {
    label: "CSV", name: "overview.csv",
    make: () => csv(["service", "state", "since_low", "since", "since_high", "complaints_per_min", "expected_per_min", "expected_per_min_low", "expected_per_min_high", "complaints", "authors", "authors_low", "authors_high"],
      told.services.map((each) => [each.id, each.state, each.since?.low, each.since?.at, each.since?.high,
        each.complaints_per_min?.last, each.complaints_per_min?.expected, each.complaints_per_min?.expected_low, each.complaints_per_min?.expected_high,
        each.num_complaints, each.num_authors, ...(each.num_authors_interval ?? [])])),
  };
  const element = h("div", { class: "table-box" },
    tableMenu(t("overview.title"), [file], "menus table-menus"),
    h("table", { class: "cards overview" },
      h("caption", { class: "hidden" }, t("overview.caption", { length: format.duration(parameters.hours * 3600), zone: format.zoneName() })),
      h("thead", {}, h("tr", {}, head.map(([key, name]) => h("th", { scope: "col", class: name }, t(`column.${key}`),
        ["complaints", "spark", "authors"].includes(key) ? h("span", { class: "interval" }, ` (${format.duration(parameters.hours * 3600)})`) : null)))),
      body),
    toggle);

  function update(next, showsAll, rows, parameters, signal) {
    told = next;
    toggle.hidden = showsAll ? !told.services.some(isActive) : told.num_quiet === 0;
    say(toggle, showsAll ? t("overview.hideQuiet") : t("overview.showQuiet", { n: told.num_quiet }));
    const wanted = new Set(told.services.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (!wanted.has(id)) {
        row.element.remove();
        row.end();
        rows.delete(id);
      }
    }
    told.services.forEach((service, index) => {
      if (!rows.has(service.id)) rows.set(service.id, new Row(service.id, parameters, signal));
      const row = rows.get(service.id);
      row.update(service, told);
      // A row that is where it should be is not touched, so that focus and selection stay.
      if (body.children[index] !== row.element) body.insertBefore(row.element, body.children[index] ?? null);
    });
  }
  return { element, update };
}

/** What is usual, in parentheses; bounds that round to the same say nothing more. */
function expectedWords(expected, low, high) {
  const [least, most] = [low, high].map(format.rate);
  return least === most ? t("overview.expectedOnly", { rate: format.rate(expected) }) : t("overview.expected", { rate: format.rate(expected), low: least, high: most });
}

/** One service. */
class Row {
  constructor(id, parameters, signal) {
    this.id = id;
    this.parameters = parameters;
    this.signal = signal;
    this.name = h("a", {}, names.service(id));
    this.state = h("span", { class: "pill" });
    this.since = h("span");
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
      h("td", { class: "spark", "data-name": t("column.spark") }, h("div", { class: "spark-line" }, this.spark, this.files())),
      cell("complaints", this.complaints, "number"), cell("authors", this.authors, "number"));
    this.key = null;
    this.drawnAt = 0;
    this.isSeen = false;
    this.watcher = new IntersectionObserver(([entry]) => {
      this.isSeen = entry.isIntersecting;
      if (this.isSeen) this.draw();
    }, { rootMargin: "200px" });
    this.watcher.observe(this.element);
  }

  /** The course of this row as files. */
  files() {
    const path = `/services/${encodeURIComponent(this.id)}`;
    const counts = { label: "CSV", path: `${path}/series.csv`, parameters: this.parameters, name: `${this.id}.csv`, isZoned: true };
    return downloads(t("download.chart", { title: names.service(this.id) }), chartFiles(`${path}/chart`, this.parameters, [counts]), true);
  }

  update(service, told) {
    const { last, expected, expected_low: low, expected_high: high } = service.complaints_per_min ?? {};
    const quietQuery = { q: `down:${this.id} kind:complaint` };
    this.name.setAttribute("href", service.incident_id ? `/incidents/${encodeURIComponent(service.incident_id)}` : link("/query", quietQuery));
    this.state.setAttribute("class", `pill ${service.state}`);
    say(this.state, t(`state.${service.state}`));
    const since = service.since ? JSON.stringify(service.since) : "";
    if (this.shownSince !== since) {
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
    if (key !== this.key) {
      this.key = key;
      this.isStale = true;
    }
    if (this.isSeen) this.draw();
  }

  async draw() {
    if (!this.isStale || Date.now() - this.drawnAt < SPARK_MS) return;
    this.isStale = false;
    this.drawnAt = Date.now();
    try {
      const drawn = parse(await drawing(`/services/${encodeURIComponent(this.id)}/chart.svg`, { ...this.parameters, size: "spark" }, this.signal));
      if (!drawn) return;
      drawn.setAttribute("class", "spark-chart");
      // It has no letters, so that it may be as wide as its cell.
      drawn.setAttribute("preserveAspectRatio", "none");
      drawn.setAttribute("role", "img");
      drawn.setAttribute("aria-label", t("overview.spark", { service: names.service(this.id) }));
      // The old drawing stays until the new one is there: nothing flickers.
      put(this.spark, drawn);
    } catch {
      [this.isStale, this.drawnAt] = [true, 0];
    }
  }

  end() {
    this.watcher.disconnect();
  }
}
