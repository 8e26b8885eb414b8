// One incident: what happened, how sure, in whose words, where people went, and how it was seen.

import { json } from "../api.js";
import { announce, h, kept, put } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as live from "../live.js";
import * as names from "../names.js";
import { shares } from "../parts/bars.js";
import { chart } from "../parts/chart.js";
import { GAP_COLUMNS, gapList, strip } from "../parts/coverage.js";
import { tableMenu } from "../parts/downloads.js";
import { authorsInterval, authorsText, authorsWords, estimate, estimateText, lastedText, statePill, verdictPill } from "../parts/estimates.js";
import { exportForm } from "../parts/exports.js";
import { moves } from "../parts/moves.js";
import { postCard, postsFile } from "../parts/posts.js";
import { revisions } from "../parts/revisions.js";
import { empty, loading, problem } from "../parts/states.js";
import { csvFile, table } from "../parts/table.js";
import { pictureFiles } from "../parts/table_picture.js";
import { go, link } from "../router.js";
import { stamp } from "../zones.js";

/** Quotes for each of the languages that say most. */
const QUOTES = 4;
const LANGUAGES = 3;

export async function open(context) {
  const { main, id, signal, title } = context;
  const path = `/incidents/${encodeURIComponent(id)}`;
  title(id);
  put(main, loading());
  let page = null;

  async function look() {
    try {
      const known = await json(path, {}, signal);
      if (page) page.update(known);
      else page = build(context, path, known);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 401) throw error;
      if (!page) put(main, h("h1", { tabindex: "-1" }, t("incident.missing")), problem(error, look), h("p", {}, h("a", { href: "/incidents" }, t("nav.incidents"))));
    }
  }
  await look();
  live.on("incident", (told) => {
    if (told.incident.id !== id) return;
    announce(t("incident.changed", { change: t(`change.${told.change}`) }));
    look();
  }, signal);
  live.on("lagged", look, signal);
  live.on("state", ({ name, before }) => name === "open" && before !== "connecting" && look(), signal);
  return { update: (query) => page?.zoom(query) };
}

function build({ main, query, signal, title }, path, first) {
  const { service } = first.incident;
  const name = names.service(service);
  title(`${name} ${format.day(first.incident.onset.at)}`);
  const parts = Object.fromEntries(["head", "chart", "figures", "moves", "shares", "quotes", "revisions", "coverage"].map((part) => [part, h("div")]));
  const section = (key, part) => h("section", { "aria-labelledby": `title-${key}` }, h("h2", { id: `title-${key}` }, t(`incident.${key}`)), part);
  put(main, parts.head, parts.chart,
    section("figures", parts.figures), section("moves", parts.moves),
    parts.shares, section("quotes", parts.quotes),
    h("div", { class: "pair" }, section("revisions", parts.revisions), section("coverage", parts.coverage)),
    section("export", exportForm(path, first.incident)));
  let known = first;
  let span = query;
  // What comes anew while somebody reads takes neither the focus away nor closes a menu.
  const show = (part, ...content) => kept(part, () => put(part, ...content));

  function drawHead() {
    const { incident, change } = known;
    show(parts.head,
      h("p", { class: "crumbs" }, h("a", { href: "/incidents" }, t("nav.incidents")), " / ", h("bdi", {}, incident.id)),
      h("h1", { tabindex: "-1" }, t("incident.title", { service: name, day: format.day(incident.onset.at) }), " ",
        h("span", { class: "pills" }, statePill(incident, change), " ", verdictPill(incident.verdict))),
      change === "withdrawn" ? h("p", { class: "notice" }, t("incident.withdrawn")) : null,
      h("p", { class: "headline" }, sentence(incident, name)));
  }

  let drawn = null;
  let series = null;

  /** Makes the chart of a stretch once; what comes later is drawn in its place, under the hand that is on it. */
  async function drawChart() {
    const parameters = { from: span.get("from"), to: span.get("to") };
    const legend = ["observed", "expected", "onset", ...(known.incident.end ? ["end"] : []), "alarm", "missing"];
    const key = JSON.stringify([parameters, legend]);
    if (drawn?.key === key) drawn.chart.draw();
    else {
      series = null;
      drawn = { key, note: h("p", { class: "note" }), chart: chart({
        title: t("incident.chart", { service: name }), unit: t("unit.perMin", { zone: format.zoneName() }),
        path: `${path}/chart`, parameters, signal, isZoomed: span.has("from"), series: () => series, counted: "complaints", legend,
        onZoom: (from, to) => go(link(location.pathname, { from: stamp(from * 1000), to: stamp(to * 1000) })),
        onZoomOut: () => span.has("from") && go(location.pathname),
        files: [
          { label: t("download.counts"), path: `${path}/series.csv`, parameters, name: `${known.incident.id}-counts.csv`, isZoned: true },
          { label: t("download.countsJson"), path: `${path}/series`, parameters, name: `${known.incident.id}-series.json` },
        ],
      }) };
      show(parts.chart, drawn.chart.element, drawn.note);
    }
    const mine = drawn;
    // Without counts the chart still shows; only the readout has nothing to say.
    const told = await json(`${path}/series`, parameters, signal).catch(() => null);
    if (mine !== drawn) return;
    series = told;
    put(mine.note, series?.too_little_history ? t("bursts.littleHistory") : null);
    drawCoverage();
  }

  function drawCoverage() {
    if (!series) {
      show(parts.coverage, h("p", {}, t("coverage.unknown")));
      return;
    }
    const gaps = series.coverage?.gaps ?? series.gaps ?? [];
    const [from, to] = [series.from ?? series.points?.[0]?.[0], series.to ?? series.points?.at(-1)?.[0]];
    show(parts.coverage, h("p", { class: "note" }, t("coverage.note")),
      from && to ? [strip({ from, to, gaps }), h("p", { class: "ends" }, h("span", {}, format.moment(from)), h("span", {}, format.near(to, from)))] : null,
      gaps.length > 0 ? tableMenu(t("incident.coverage"), [csvFile(`${known.incident.id}-gaps`, GAP_COLUMNS, gaps)]) : null,
      gapList(gaps), h("p", {}, h("a", { href: "/feeds" }, t("nav.feeds"))));
  }

  function drawRest() {
    const { incident } = known;
    show(parts.figures, figures(known));
    show(parts.moves, moves(incident));
    const both = [
      table({ ...shares(t("column.languages"), known.langs, format.language, `${incident.id}-languages`), caption: t("incident.languages"), className: "bars" }),
      table({ ...shares(t("column.countries"), known.countries, format.country, `${incident.id}-countries`), caption: t("incident.countries"), className: "bars" }),
    ];
    show(parts.shares, h("p", { class: "note" }, t("incident.sharesNote")), h("div", { class: "pair" }, both));
  }

  async function drawQuotes() {
    const { incident } = known;
    const all = link("/query", { q: question(service), ...counted(incident) });
    const languages = known.langs.slice(0, LANGUAGES).map(({ code }) => code);
    // From the peak on: who writes then has no doubt any more.
    const ask = (code) => json("/posts", { q: `${question(service)} lang:${code}`, from: incident.peak.at, to: hourBehind(incident), sort: "oldest", limit: QUOTES }, signal);
    try {
      const posts = (await Promise.all(languages.map(ask))).flatMap((told) => told.posts);
      const file = postsFile(`${incident.id}-quotes`, posts);
      show(parts.quotes, h("p", { class: "note" }, t("incident.quotesNote")),
        posts.length > 0 ? tableMenu(t("incident.quotes"), [file]) : null,
        posts.length > 0 ? h("div", { class: "posts" }, posts.map(postCard)) : empty(t("posts.empty")),
        h("p", {}, h("a", { href: all }, t("incident.allPosts", { n: incident.num_complaints }))));
    } catch (error) {
      if (error.name !== "AbortError") put(parts.quotes, problem(error, drawQuotes));
    }
  }

  async function drawRevisions() {
    try {
      const told = (await json(`${path}/revisions`, {}, signal)).revisions;
      const isWhole = Boolean(parts.revisions.querySelector(".whole"));
      show(parts.revisions, revisions(told, known.incident.id, isWhole));
    } catch (error) {
      if (error.name !== "AbortError") put(parts.revisions, problem(error, drawRevisions));
    }
  }

  const drawAll = () => [drawHead(), drawRest(), drawChart(), drawQuotes(), drawRevisions()];
  drawAll();
  return {
    update(next) {
      const isSame = JSON.stringify(next) === JSON.stringify(known);
      known = next;
      if (!isSame) drawAll();
    },
    zoom(next) {
      span = next;
      drawChart();
    },
  };
}

const question = (service) => `down:${service} kind:complaint`;

/** An hour behind the end of an incident; `null` while it goes on. */
function hourBehind({ end }) {
  return end ? stamp(Date.parse(end.high) + 3600 * 1000) : null;
}

/** The minutes whose complaints are those of the incident: from that of its onset to that of its end. */
function counted({ onset, end }) {
  const minute = (time) => Math.floor(Date.parse(time) / 60_000) * 60_000;
  return { from: stamp(minute(onset.at)), to: end ? stamp(minute(end.at) + 60_000) : null };
}

/** The whole incident in one sentence. */
function sentence(incident, service) {
  const values = {
    service, onset: estimateText(incident.onset), zone: format.zoneName(),
    complaints: t("count.complaints", { n: incident.num_complaints }), authors: authorsWords(incident.num_authors),
  };
  return incident.end
    ? t(`incident.sentence.ended.${incident.verdict}`, { ...values, end: estimateText(incident.end, incident.onset.at), lasted: lastedText(incident) })
    : t(`incident.sentence.ongoing.${incident.verdict}`, values);
}

/** What a CSV of figures holds. */
const FIGURES = ["figure", "value", "low", "high", "unit"].map((csvName, place) => ({ csvName, csv: (row) => row[place] }));

/** The figures as rows: name, value, 90 % interval where it is an estimate, unit. */
function figureRows(incident) {
  const { onset, end, peak } = incident;
  return [
    ["onset", onset.at, onset.low, onset.high, "UTC"], ["end", end?.at, end?.low, end?.high, "UTC"],
    ["alarm", incident.alarm_at, null, null, "UTC"], ["peak_at", peak.at, null, null, "UTC"],
    ["peak", peak.per_min, null, null, "complaints per minute"], ["complaints", incident.num_complaints, null, null, "posts"],
    ["authors", incident.num_authors, ...(authorsInterval(incident.num_authors) ?? [null, null]), "authors"],
    ["score", incident.score, null, null, "nats"], ["verdict", incident.verdict, null, null, null],
  ];
}

function figures({ incident, opened_at, changed_at, num_revisions }) {
  const pairs = [
    ["onset", estimate(incident.onset)],
    ["end", incident.end ? estimate(incident.end, incident.onset.at) : t("end.none")],
    ...(incident.end ? [["lasted", lastedText(incident)]] : []),
    ["alarm", format.near(incident.alarm_at, incident.onset.at)],
    ["peak", t("figure.peakValue", { rate: format.rate(incident.peak.per_min), time: format.near(incident.peak.at, incident.onset.at) })],
    ["complaints", format.count(incident.num_complaints)],
    ["authors", authorsText(incident.num_authors)],
    ["score", t("figure.scoreValue", { score: format.rate(incident.score) })],
    ["opened", format.moment(opened_at)],
    ["changed", `${format.moment(changed_at)} (${t("count.revisions", { n: num_revisions })})`],
  ];
  const list = h("dl", { class: "figures" }, pairs.map(([key, value]) => h("div", {}, h("dt", {}, t(`figure.${key}`)), h("dd", {}, value))));
  const name = `${incident.id}-figures`;
  const title = t("incident.title", { service: names.service(incident.service), day: format.day(incident.onset.at) });
  return h("div", {},
    h("p", { class: "note" }, t("figure.note", { zone: format.zoneName() })),
    tableMenu(t("incident.figures"), [csvFile(name, FIGURES, figureRows(incident)), ...pictureFiles(title, name, () => list)]),
    list);
}
