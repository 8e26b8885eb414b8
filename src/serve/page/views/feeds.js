// What was listened to, how far behind each feed is, and when nobody listened.

import { json } from "../api.js";
import { h, kept, put } from "../dom.js";
import * as format from "../format.js";
import { has, t } from "../i18n.js";
import * as live from "../live.js";
import { GAP_COLUMNS, gapList, strip } from "../parts/coverage.js";
import { empty, loading, problem } from "../parts/states.js";
import { csvFile, table } from "../parts/table.js";

/** Least time between two looks, in milliseconds. */
const EVERY_MS = 10_000;

export async function open({ main, signal, title }) {
  title(t("nav.feeds"));
  const place = h("div", {}, loading());
  put(main, h("h1", { tabindex: "-1" }, t("feeds.title")), h("p", { class: "intro" }, t("feeds.intro")), place);
  let isShown = false;
  async function look() {
    try {
      const { feeds } = await json("/feeds", {}, signal);
      kept(place, () => put(place, feeds.length > 0 ? list(feeds) : empty(t("feeds.empty"), t("feeds.emptyRemedy"))));
      isShown = true;
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 401) throw error;
      if (!isShown) put(place, problem(error, look));
    }
  }
  await look();
  let last = Date.now();
  live.on("counts", () => {
    if (Date.now() - last < EVERY_MS) return;
    last = Date.now();
    look().catch(() => {});
  }, signal);
}

function list(feeds) {
  const columns = [
    { name: t("feeds.feed"), isRowHeader: true, csvName: "feed", csv: ({ id }) => id, show: ({ id }) => h("bdi", {}, id) },
    { name: t("column.state"), csvName: "state", csv: ({ state }) => state, show: ({ state, trouble }) => [
      h("span", { class: `pill feed ${trouble ? "trouble" : state}` }, trouble ? t("feeds.trouble") : stateName(state)),
      trouble ? h("p", { class: "note" }, h("bdi", { lang: "en", dir: "ltr" }, trouble)) : null] },
    { name: t("feeds.lag"), isNumber: true, csvName: "lag_secs", csv: ({ lag_secs }) => lag_secs, show: ({ lag_secs }) => (lag_secs === null || lag_secs === undefined ? "–" : format.duration(lag_secs)) },
    { csvName: "trouble", csv: ({ trouble }) => trouble },
    { csvName: "until", csv: ({ until }) => until },
    { name: t("feeds.span"), csvName: "since", csv: ({ since }) => since, show: ({ since, until }) => (since ? [h("time", { datetime: since }, format.moment(since)), " – ", until ? h("time", { datetime: until }, format.near(until, since)) : "…"] : "–") },
    { name: t("feeds.posts"), isNumber: true, csvName: "posts", csv: ({ posts }) => posts, show: ({ posts }) => format.count(posts) },
    { name: t("feeds.counted"), isNumber: true, csvName: "counted", csv: ({ counted }) => counted, show: ({ counted }) => format.count(counted) },
    { name: t("feeds.gaps"), csvName: "gaps", csv: ({ gaps }) => gaps.length, className: "coverage", show: ({ id, since, until, gaps }) => [
      gaps.length === 0 ? t("gaps.noneShort") : h("details", { "data-key": id }, h("summary", {}, t("gaps.count", { n: gaps.length })), gapList(gaps)),
      since && until ? strip({ from: since, to: until, gaps }) : null] },
  ];
  const gaps = feeds.flatMap((feed) => feed.gaps.map((gap) => ({ ...gap, feed: feed.id })));
  const files = [csvFile("feeds-gaps", GAP_COLUMNS, gaps, t("download.gaps"))];
  return table({ caption: t("feeds.caption", { zone: format.zoneName() }), columns, rows: feeds, file: "feeds", files });
}

function stateName(state) {
  return has(`feedState.${state}`) ? t(`feedState.${state}`) : state;
}
