// About these data: the method in plain words, what the numbers cannot say, how to cite.

import { h, put } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { problem } from "../parts/states.js";

const METHOD = ["read", "judge", "count", "burst", "interval", "moves"];
const LIMITS = ["complaint", "platforms", "guess", "delay", "stated", "missing", "sketch"];
const WORDS = ["complaint", "onset", "alarm", "end", "baseline", "missing", "interval"];

export async function open({ main, signal, title }) {
  title(t("nav.about"));
  let about = names.about();
  put(main, h("h1", { tabindex: "-1" }, t("about.title")));
  try {
    about = await names.refresh(signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.status === 401) throw error;
    main.append(problem(error));
  }
  const section = (key, ...content) => h("section", { "aria-labelledby": `title-${key}` }, h("h2", { id: `title-${key}` }, t(`about.${key}`)), content);
  main.append(
    h("p", { class: "intro" }, t("intro")),
    section("method", h("ol", {}, METHOD.map((key) => h("li", {}, t(`method.${key}`))))),
    section("limits", h("ul", {}, LIMITS.map((key) => h("li", {}, t(`limit.${key}`))))),
    section("words", h("dl", { class: "words" }, WORDS.map((key) => h("div", {}, h("dt", {}, t(`word.${key}`)), h("dd", {}, t(`word.${key}.means`)))))),
    section("cite", h("p", {}, t("about.citeWords")), citation(about)),
    section("made", made(about)));
}

function citation(about) {
  if (!about) return null;
  const text = h("p", { class: "citation" }, t("about.citation", {
    name: about.name, version: about.version, lexicon: about.lexicon, retrieved: format.moment(Date.now()), zone: format.zoneName(),
    from: about.index?.from ? format.moment(about.index.from) : "–", to: about.index?.to ? format.moment(about.index.to) : "–",
    address: location.origin, seq: about.index?.seq ?? "–",
  }), about.simulated ? ` ${t("simulated.short")}` : "");
  const button = h("button", { type: "button", class: "quiet" }, t("about.copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(text.textContent).then(() => { button.textContent = t("about.copied"); }, () => {});
  });
  return [text, button];
}

function made(about) {
  if (!about) return null;
  const { index = {} } = about;
  const pairs = [
    ["version", `${about.name} ${about.version}`], ["lexicon", h("code", { dir: "ltr" }, about.lexicon)], ["schema", h("code", { dir: "ltr" }, about.schema)],
    ["posts", format.count(index.posts)], ["counted", format.count(index.counted)],
    ["span", index.from ? `${format.moment(index.from)} – ${format.moment(index.to)}` : "–"],
    ["size", index.bytes === undefined ? "–" : format.bytes(index.bytes)], ["seq", format.count(index.seq)],
  ];
  return [
    h("dl", { class: "figures" }, pairs.map(([key, value]) => h("div", {}, h("dt", {}, t(`made.${key}`)), h("dd", {}, value)))),
    h("p", {}, t("about.machine"), " ", h("a", { href: "/api/v1/openapi.json" }, "OpenAPI"), t("list.comma"), h("a", { href: "/incidents.atom" }, "Atom"), t("list.comma"), h("a", { href: "/metrics" }, "Prometheus")),
  ];
}
