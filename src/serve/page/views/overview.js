// Every service as a row: its series against the baseline, its state in words, since when.

import { json } from "../api.js";
import { announce, h, put, say } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as live from "../live.js";
import * as names from "../names.js";
import { estimateText } from "../parts/estimates.js";
import { ServiceTable } from "../parts/services.js";
import { empty, loading, problem } from "../parts/states.js";
import { link } from "../router.js";

const HOURS = [1, 6, 24, 72];
/** Least time between two looks at what is new, in milliseconds. */
const EVERY_MS = 4_000;
/** Services of which nobody complains hardly change: all are asked for so seldom, in milliseconds. */
const WHOLE_EVERY_MS = 60_000;
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
  const notice = h("div");
  const place = h("div", {}, loading());
  put(main, heading, h("p", { class: "intro" }, t("intro"), " ", h("a", { href: "/about" }, t("intro.more"))),
    headline, asOf, notice, windowChoice(hours, usual), place);
  let table = null;
  let lastFailing = null;
  let lastWhole = -Infinity;

  /** Asks for those that people complain of, which is little, and now and then for every service. */
  async function look(isWhole = Date.now() - lastWhole > WHOLE_EVERY_MS && table !== null) {
    let told;
    try {
      told = await json("/overview", { ...parameters, all: isWhole ? 1 : null }, signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 401) throw error;
      // What is shown stays; the connection's own notice says how old it is.
      if (!table) put(place, problem(error, () => look()));
      return;
    }
    if (isWhole) lastWhole = Date.now();
    sayState(told);
    if (!table) {
      table = new ServiceTable(parameters, signal);
      put(place, table.element);
    }
    table.update(told, isWhole);
    if (!isWhole && table.lacks(told)) await look(true);
  }

  function sayState(told) {
    const words = headlineWords(told);
    say(headline, told.at ? words : "");
    // Intervals move at every look; who listens is told when a service fails or is back.
    const failing = told.services.filter(({ state }) => state === "ongoing").map(({ id }) => id).sort().join();
    if (lastFailing !== null && lastFailing !== failing) announce(words);
    lastFailing = failing;
    const time = () => ({ time: (isOld(told.at) ? format.moment : format.clockWithSeconds)(told.at), zone: format.zoneName() });
    say(asOf, told.at ? t(isOld(told.at) ? "overview.archive" : "overview.asOf", time()) : "");
    if (told.at) put(notice);
    else if (!notice.hasChildNodes()) put(notice, empty(t("overview.empty"), t("overview.emptyRemedy")));
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
