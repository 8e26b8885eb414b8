// Beginning: language, header, connection notice, and the view that the address asks for.

import { Problem, setToken, token } from "./api.js";
import { h, kept, put, say } from "./dom.js";
import * as format from "./format.js";
import * as i18n from "./i18n.js";
import { t } from "./i18n.js";
import * as live from "./live.js";
import * as names from "./names.js";
import { header } from "./parts/header.js";
import { loading, problem } from "./parts/states.js";
import * as router from "./router.js";
import { isZone, onChoice, setZoneOfAddress, zone } from "./settings.js";

const VIEWS = ["overview", "incidents", "incident", "query", "feeds", "about", "missing", "token"];
const main = document.getElementById("main");
let leave = null;
let shown = null;
let isFirst = true;

async function show(place) {
  setZoneOfAddress(place.query.get("tz"));
  frame(place);
  if (place.isSamePath && shown?.zone === zone() && shown.update) {
    await guarded(place, () => shown.update(place.query));
    return;
  }
  leave?.abort();
  const mine = new AbortController();
  leave = mine;
  shown = null;
  const wait = setTimeout(() => put(main, loading()), isFirst ? 0 : 250);
  main.setAttribute("aria-busy", "true");
  await guarded(place, async () => {
    const [view] = await Promise.all([viewOf(place.view), names.about() ?? names.load(mine.signal)]);
    clearTimeout(wait);
    if (mine.signal.aborted) return;
    simulated();
    const opened = await view.open({ main, signal: mine.signal, title, ...place });
    if (!mine.signal.aborted) shown = { zone: zone(), update: opened?.update ?? null };
  }, mine.signal);
  clearTimeout(wait);
  if (mine.signal.aborted) return;
  main.removeAttribute("aria-busy");
  if (!isFirst && !place.isSamePath) {
    scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  }
  if (isFirst) setTimeout(() => VIEWS.forEach((name) => viewOf(name).catch(() => {})), 1000);
  isFirst = false;
}

/** The module of a view. All are fetched soon after the first: then a page without a server can still say so. */
function viewOf(name) {
  return import(`./views/${name}.js`).catch((error) => {
    throw new Problem(0, { detail: error.message });
  });
}

/** Runs a view; what it does not catch itself is told: a token that is wanted, or an error. */
async function guarded(place, run, signal) {
  try {
    await run();
  } catch (error) {
    if (error.name === "AbortError" || signal?.aborted) return;
    if (error.status === 401) {
      const { open } = await viewOf("token");
      open({ main, title }, () => {
        live.retry();
        router.again();
      });
      shown = null;
      return;
    }
    console.error(error);
    put(main, h("h1", { tabindex: "-1" }, t("problem.title")), problem(error, () => router.again()));
  }
}

function title(words) {
  document.title = `${words} · caiu`;
}

function frame(place) {
  const top = document.getElementById("top");
  kept(top, () => put(top, header(place.view)));
  say(document.getElementById("skip"), t("skip"));
  const forget = token() && h("button", { type: "button", class: "link", onclick: () => { setToken(null); location.assign("/"); } }, t("token.forget"));
  put(document.getElementById("bottom"),
    h("p", {}, t("footer.intervals", { zone: format.zoneName() })),
    h("p", {}, h("a", { href: "/about" }, t("nav.about")), forget ? [" · ", forget] : null));
}

/** A notice over everything where the posts were made up. */
function simulated() {
  const { simulated: isMadeUp } = names.about() ?? {};
  document.getElementById("simulated")?.remove();
  if (isMadeUp) main.before(h("p", { id: "simulated", class: "simulated", role: "note" }, h("strong", {}, t("simulated.title")), " ", t("simulated.words")));
}

/** Says when the stream is lost, counts down to the next try, and says when it is back. */
function connection() {
  const place = h("div");
  document.getElementById("connection").append(place);
  let timer = 0;
  let next = 0;
  live.on("state", ({ name, before, since, retryAt }) => {
    if (name === "lost") next = retryAt;
    // The button stays the same under the hand, however often it is tried.
    if (name === "lost" && before === "lost" && place.hasChildNodes()) return;
    clearInterval(timer);
    // The button that was pressed goes away with its notice.
    if (place.contains(document.activeElement)) main.focus({ preventScroll: true });
    if (name === "lost") {
      const words = h("span");
      const tell = () => say(words, t("connection.lost", { time: format.clockWithSeconds(since) }) + " " + t("connection.retry", { n: Math.max(0, Math.ceil((next - Date.now()) / 1000)) }));
      // The countdown is for the eye; a screen reader hears of the loss once.
      const still = h("span", { "aria-hidden": "true" }, words);
      tell();
      timer = setInterval(tell, 1000);
      const box = h("div", { class: "notice lost" },
        h("span", { class: "hidden" }, t("connection.lost", { time: format.clock(since) })), still, " ",
        h("button", { type: "button", onclick: () => live.retry() }, t("connection.now")));
      put(place, box);
    } else if (name === "open" && before === "lost") {
      put(place, h("div", { class: "notice back" }, t("connection.back")));
      timer = setTimeout(() => put(place), 4000);
    } else put(place);
  });
}

await i18n.load();
onChoice(async (name) => {
  if (name === "locale") await i18n.load();
  if (name === "zone" && isZone(new URLSearchParams(location.search).get("tz"))) {
    const query = new URLSearchParams(location.search);
    query.set("tz", zone());
    history.replaceState(history.state, "", `${location.pathname}?${query}`);
  }
  if (name !== "theme") {
    shown = null;
    router.again();
  }
});
connection();
router.start(show);
live.start();
