// The burst query: what is asked stands in the address, so that a link shows the same again.

import { json, walk } from "../api.js";
import { announce, h, kept, put } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { chart } from "../parts/chart.js";
import { MOST_ROWS, downloads, wholeLabel } from "../parts/downloads.js";
import { estimate, estimateColumns, expectedText } from "../parts/estimates.js";
import { postCard, postsFile } from "../parts/posts.js";
import { PER, queryForm } from "../parts/queryform.js";
import { empty, loading, problem } from "../parts/states.js";
import { table } from "../parts/table.js";
import { go, link } from "../router.js";
import { zone } from "../settings.js";
import { stamp } from "../zones.js";

const SORTS = ["newest", "oldest", "score"];
const PAGE = 25;
/** Posts of one answer where all of them are fetched for a file: as many as the server gives. */
const FETCHED = 200;

export async function open({ main, query, signal, title }) {
  title(t("nav.query"));
  const places = { chart: h("div"), bursts: h("div"), posts: h("div") };
  const form = queryForm((next) => visit({ ...next, sort: current.sort }));
  put(main, h("h1", { tabindex: "-1" }, t("query.title")), h("p", { class: "intro" }, t("query.intro")), form.element,
    places.chart, places.bursts, places.posts);
  let current = null;
  // Apart from each other: another page of posts leaves the chart alone.
  const running = { series: null, posts: null };
  signal.addEventListener("abort", () => Object.values(running).forEach((each) => each?.abort()));

  function anew(name) {
    running[name]?.abort();
    running[name] = new AbortController();
    return running[name].signal;
  }

  /** Runs what an address asks for. */
  async function run(asked) {
    const before = current;
    current = read(asked);
    form.take(current);
    const isSameSeries = before && ["q", "from", "to", "bin", "per", "tz"].every((key) => before[key] === current[key]);
    await Promise.all([isSameSeries ? null : showSeries(anew("series")), showPosts(anew("posts"))]);
  }

  async function showSeries(inner) {
    const { q, from, to, bin, per } = current;
    const parameters = { q, from, to, bin, per, tz: zone() };
    wait(places.chart);
    places.bursts.setAttribute("aria-busy", "true");
    let told;
    try {
      told = await json("/bursts", parameters, inner);
    } catch (error) {
      if (error.name !== "AbortError") put(places.bursts);
      return showProblem(error, places.chart, () => showSeries(inner));
    }
    const made = chart({
      title: t("query.chart"), unit: t(`unit.${per}`, { width: format.width(told.bin_secs), zone: format.zoneName() }),
      path: "/bursts", parameters, signal: inner, isZoomed: Boolean(from || to), series: () => told, counted: per,
      legend: ["observed", "expected", "onset", "end", "alarm", "missing"],
      onZoom: (low, high) => zoomIn(stamp(low * 1000), stamp(high * 1000)), onZoomOut: zoomOut,
      files: [{ label: "CSV", path: "/bursts.csv", parameters, name: "bursts.csv" }, { label: "JSON", path: "/bursts", parameters, name: "bursts.json" }],
    });
    // Who zoomed by keys, or chose an order, goes on from there.
    kept(places.chart, () => put(places.chart, made.element));
    put(places.bursts, bursts(told, per));
    done(places.chart, places.bursts);
    announce(t("query.found", { n: told.bursts.length }));
  }

  async function showPosts(inner) {
    wait(places.posts);
    const { q, from, to, sort, cursor } = current;
    try {
      const told = await json("/posts", { q, from, to, sort, tz: zone(), cursor, limit: PAGE }, inner);
      kept(places.posts, () => put(places.posts, posts(told, current)));
      done(places.posts);
    } catch (error) {
      showProblem(error, places.posts, () => showPosts(inner));
    }
  }

  function showProblem(error, place, again) {
    if (error.name === "AbortError") return;
    if (error.status === 401) throw error;
    done(place, ...(place === places.chart ? [places.bursts] : []));
    if (form.point(error)) put(place);
    else put(place, problem(error, again));
  }

  function zoomIn(from, to) {
    const { base } = history.state ?? {};
    go(addressOf({ ...current, from, to, cursor: "" }), { state: { base: base ?? { from: current.from, to: current.to } } });
  }

  /** Back to what was shown before the first zoom; a link that came zoomed widens around its middle. */
  function zoomOut() {
    const { base } = history.state ?? {};
    if (base) return go(addressOf({ ...current, ...base, cursor: "" }));
    if (!current.from && !current.to) return undefined;
    const { index } = names.about() ?? {};
    const [first, last] = [index?.from, index?.to].map(Date.parse);
    const [low, high] = [current.from ? Date.parse(current.from) : first, current.to ? Date.parse(current.to) : last];
    const half = (high - low) / 2;
    if (!(half > 0) || (low - half <= first && high + half >= last)) return go(addressOf({ ...current, from: "", to: "", cursor: "" }));
    return go(addressOf({ ...current, from: stamp(low - half), to: stamp(high + half), cursor: "" }));
  }

  await run(query);
  return { update: run };
}

/** What was there stays, but paler, until the new is there; nothing jumps. */
function wait(place) {
  if (!place.hasChildNodes()) put(place, loading());
  place.setAttribute("aria-busy", "true");
}

function done(...places) {
  for (const place of places) place.removeAttribute("aria-busy");
}

/** What an address asks for, with defaults. */
function read(query) {
  const text = (name) => query.get(name) ?? "";
  const oneOf = (list, name) => (list.includes(query.get(name)) ? query.get(name) : list[0]);
  return {
    q: text("q"), from: text("from"), to: text("to"), bin: text("bin"), tz: text("tz"), cursor: text("cursor"),
    per: oneOf(PER, "per"), sort: oneOf(SORTS, "sort"),
  };
}

function addressOf({ q, from, to, bin, per, sort, cursor }) {
  // The zone stands in the address too: whoever follows the link sees the same times.
  return link("/query", { q, from, to, bin, per: per === PER[0] ? "" : per, sort: sort === SORTS[0] ? "" : sort, tz: zone(), cursor });
}

function visit(next) {
  go(addressOf({ ...next, cursor: "" }));
}

function bursts({ bursts: list, bin_secs, expected_factor: factor, too_little_history: isYoung }, per) {
  const warning = isYoung ? h("p", { class: "note" }, t("bursts.littleHistory")) : null;
  if (list.length === 0) return [empty(t("bursts.empty"), t("bursts.emptyRemedy", { width: format.width(bin_secs) })), warning];
  const columns = [
    ...estimateColumns("onset", ({ onset }) => onset), ...estimateColumns("end", ({ end }) => end),
    { name: t("column.onset"), isRowHeader: true, show: ({ onset }) => estimate(onset) },
    { name: t("figure.alarm"), csvName: "alarm", csv: ({ alarm_at }) => alarm_at, show: ({ alarm_at, onset }) => format.near(alarm_at, onset.at) },
    { name: t("column.end"), show: ({ end, onset }) => (end ? estimate(end, onset.at) : t("end.none")) },
    { csvName: "peak_at", csv: ({ peak }) => peak.at }, { csvName: "peak_expected", csv: ({ peak }) => peak.expected }, { csvName: "bin_secs", csv: () => bin_secs },
    { name: t("bursts.peakUnit", { unit: t(`per.${per}`), width: format.width(bin_secs) }), isNumber: true, csvName: `peak_${per}`, csv: ({ peak }) => peak.value, show: ({ peak, onset }) => [h("span", { class: "strong" }, format.rate(peak.value)), " ", h("span", { class: "interval" }, t("bursts.peak", { expected: expectedText(peak.expected, factor), time: format.near(peak.at, onset.at) }))] },
    { name: t("column.score"), isNumber: true, csvName: "score_nats", csv: ({ score }) => score, show: ({ score }) => format.rate(score) },
  ];
  return h("section", { "aria-labelledby": "title-bursts" },
    h("h2", { id: "title-bursts" }, t("bursts.title")),
    table({ caption: t("bursts.caption", { width: format.width(bin_secs), zone: format.zoneName() }), columns, rows: list, file: "bursts" }), warning);
}

/** Posts that a query finds, in its order, whichever page of them is shown. */
function allPosts({ q, from, to, sort }) {
  return walk("/posts", { q, from, to, sort, tz: zone() }, "posts", { limit: FETCHED, most: MOST_ROWS });
}

function posts({ total, posts: list, next }, state) {
  const sort = h("select", { onchange: (event) => go(addressOf({ ...state, sort: event.target.value, cursor: "" })) },
    SORTS.map((name) => h("option", { value: name, selected: name === state.sort }, t(`sort.${name}`))));
  const pages = h("nav", { class: "pages", "aria-label": t("pages.label") },
    state.cursor ? h("a", { href: addressOf({ ...state, cursor: "" }) }, t("pages.first")) : null,
    next ? h("a", { href: addressOf({ ...state, cursor: next }), rel: "next" }, t("pages.next")) : null);
  return h("section", { "aria-labelledby": "title-posts" },
    h("div", { class: "section-head" }, h("h2", { id: "title-posts" }, t("posts.title", { n: total })),
      h("label", { class: "inline" }, h("span", {}, t("sort.label")), sort),
      list.length > 0 ? downloads(t("download.table", { title: t("posts.title", { n: total }) }), [postsFile("posts", () => allPosts(state), wholeLabel(total))]) : null),
    list.length > 0 ? h("div", { class: "posts" }, list.map(postCard)) : empty(t("posts.empty"), t("posts.emptyRemedy")),
    pages);
}
