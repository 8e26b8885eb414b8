// What stands where data are not: loading, nothing there, an error with its remedy.

import { h } from "../dom.js";
import { t } from "../i18n.js";

/** Shown while something is asked for. */
export function loading() {
  return h("p", { class: "loading", role: "status" }, t("state.loading"));
}

/** Nothing to show, and why that may be. */
export function empty(title, ...remedy) {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), remedy.map((part) => h("p", {}, part)));
}

/** An error in words, with what can be done. `again` is tried by a button. */
export function problem(error, again) {
  const key = error.status === undefined ? "page" : remedies.find(([test]) => test(error.status))[1];
  return h("div", { class: "problem", role: "alert" },
    h("p", { class: "problem-title" }, t(`problem.${key}`)),
    error.message && key !== "unreachable" ? h("p", {}, h("bdi", { lang: "en", dir: "ltr" }, error.message)) : null,
    h("p", { class: "remedy" }, t(`remedy.${key}`)),
    again ? h("button", { type: "button", onclick: again }, t("state.again")) : null);
}

const remedies = [
  [(status) => status === 0, "unreachable"],
  [(status) => status === 400 || status === 422, "asked"],
  [(status) => status === 403, "scope"],
  [(status) => status === 404, "missing"],
  [(status) => status === 429, "often"],
  [() => true, "server"],
];

/** Tells of something that a click asked for and did not get. */
export function failed(error) {
  const place = document.getElementById("connection");
  const close = h("button", { type: "button", class: "quiet", onclick: () => box.remove() }, t("state.close"));
  const box = h("div", { class: "notice" }, problem(error), close);
  place.append(box);
}
