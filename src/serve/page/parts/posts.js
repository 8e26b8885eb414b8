// Posts as they were written, with what decided their reading marked. Their text is hostile: it is only ever text.

import { h } from "../dom.js";
import * as format from "../format.js";
import { has, t } from "../i18n.js";
import * as names from "../names.js";
import { csvFile } from "./table.js";

/** Characters that turn the direction of what follows; each is shown as one that says so, so that spans stay right. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/g;

/** A post: time, language, kind; its text; why it was read so; where it stands. */
export function postCard(post) {
  const facts = [
    h("time", { datetime: post.at }, format.moment(post.at)),
    post.lang ? h("span", {}, format.language(post.lang)) : null,
    post.kind ? h("span", { class: `kind ${post.kind}` }, kindName(post.kind)) : null,
    post.platform ? h("bdi", {}, post.platform) : null,
    post.country && post.country !== "??" ? h("span", {}, format.country(post.country)) : null,
    post.is_repost ? h("span", {}, t("post.repost")) : null,
  ];
  return h("article", { class: "post", "data-key": `${post.platform ?? ""} ${post.id}` },
    h("p", { class: "facts" }, separated(facts)),
    h("blockquote", { lang: languageTag(post.lang) }, post.is_deleted || post.text === null || post.text === undefined
      ? h("p", { class: "gone" }, t("post.deleted"))
      : h("bdi", { class: "text", dir: "auto" }, marked(post.text, marksOf(post)))),
    h("div", { class: "post-foot" }, reasons(post), origin(post.url)));
}

/** Posts, or what gives them, as a CSV to download; their text is what was written, deleted ones have none. */
export function postsFile(name, posts, label) {
  const joined = (list) => (list ?? []).join(" ");
  const plain = ["id", "platform", "feed", "at", "seen_at", "lang", "country", "kind"];
  const columns = [
    ...plain.map((key) => [key, (post) => post[key]]),
    ["down", ({ down }) => joined(down)], ["named", ({ named }) => joined(named)],
    ["moves", ({ moves }) => joined((moves ?? []).map(([from, to]) => `${from ?? ""}>${to}`))],
    ["is_repost", ({ is_repost }) => is_repost], ["is_deleted", ({ is_deleted }) => is_deleted],
    ["evidence", ({ evidence }) => joined((evidence ?? []).map(({ term }) => term))],
    ["url", ({ url }) => url], ["text", ({ text }) => text],
  ];
  return csvFile(name, columns.map(([csvName, csv]) => ({ csvName, csv })), posts, label);
}

/** A kind in words. */
export function kindName(kind) {
  return has(`kind.${kind}`) ? t(`kind.${kind}`) : kind;
}

function languageTag(code) {
  // Unknown is not the language of the page.
  return /^[a-z]{2,3}$/.test(code ?? "") && code !== "und" ? code : "";
}

function separated(parts) {
  return parts.filter(Boolean).flatMap((part, index) => (index === 0 ? [part] : [h("span", { "aria-hidden": "true" }, " · "), part]));
}

function marksOf(post) {
  const found = (post.marks ?? []).map(([from, to]) => ({ from, to, kind: "found", title: t("post.found") }));
  const decided = (post.evidence ?? []).map(({ span: [from, to], term }) => ({ from, to, kind: "evidence", title: term }));
  return [...decided, ...found];
}

/** The text in pieces: each stretch that a mark covers stands in a `<mark>`. Offsets are UTF-16 code units. */
export function marked(text, marks) {
  const fits = ({ from, to }) => Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from < to && to <= text.length;
  const whole = marks.filter(fits);
  const bounds = [...new Set([0, text.length, ...whole.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  const pieces = [];
  for (let index = 0; index + 1 < bounds.length; index += 1) {
    const [from, to] = [bounds[index], bounds[index + 1]];
    const piece = text.slice(from, to).replace(TURNS, "\uFFFD");
    const over = whole.filter((mark) => mark.from <= from && to <= mark.to);
    if (over.length === 0) pieces.push(piece);
    else {
      const kind = over.some((mark) => mark.kind === "evidence") ? "evidence" : "found";
      pieces.push(h("mark", { class: kind, title: [...new Set(over.map((mark) => mark.title))].join(", ") }, piece));
    }
  }
  return pieces;
}

/** Which rows of the lexicon decided, in words. */
function reasons(post) {
  const evidence = (post.evidence ?? []).filter(({ text }) => text);
  if (evidence.length === 0) return null;
  const down = (post.down ?? []).map(names.service).join(t("list.comma"));
  const about = down && post.kind !== "other" ? t("post.about", { kind: kindName(post.kind), services: down }) : kindName(post.kind);
  return h("details", { class: "why" },
    h("summary", {}, t("post.why")),
    h("p", {}, about, ". ", (post.moves ?? []).map(([from, to]) => moveWords(from, to)).join(" ")),
    h("ul", {}, evidence.map(({ term, text }) => h("li", {},
      h("bdi", { dir: "auto", class: "said" }, text.replace(TURNS, "\uFFFD")), " ", h("code", { dir: "ltr" }, term)))));
}

function moveWords(from, to) {
  return from
    ? t("post.move", { from: names.service(from), to: names.service(to) })
    : t("post.moveTo", { to: names.service(to) });
}

/** Where the post stands: the address is shown first, and is a link only then. */
function origin(url) {
  const safe = webAddress(url);
  if (!safe) return null;
  const button = h("button", { type: "button", class: "quiet small" }, t("post.showAddress"));
  button.addEventListener("click", () => {
    const link = h("a", { href: safe.href, rel: "noreferrer noopener nofollow external", target: "_blank" }, t("post.open"));
    const shown = h("span", { class: "address" }, h("code", { dir: "ltr" }, safe.href), " ", link);
    button.replaceWith(shown);
    link.focus();
  });
  return button;
}

/** The address if it is one of the web, else `null`: never javascript:, data: and the like. */
function webAddress(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}
