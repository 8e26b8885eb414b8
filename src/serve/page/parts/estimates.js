// Moments with their intervals, states and verdicts, the same wherever they stand.

import { h } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";

/** A moment with its 90 % interval below it, days where they are not those of `beside`. */
export function estimate(value, beside = null) {
  if (!value) return "–";
  const main = value.low || !value.at ? format.near(value.at, beside) : t("interval.earlier", { high: format.near(value.high, beside) });
  return [
    h("time", { datetime: value.at, class: "moment" }, main), " ",
    value.low ? h("span", { class: "interval", title: t("interval.title") }, `(${format.interval(value)})`) : null,
  ];
}

/** The same in one line of text. */
export function estimateText(value, beside = null) {
  if (!value.low) return t("interval.earlier", { high: format.near(value.high, beside) });
  return `${format.near(value.at, beside)} (${format.interval(value)})`;
}

/** The state of an incident as a word with a color. */
export function statePill(incident, change) {
  const state = change === "withdrawn" ? "withdrawn" : incident.phase;
  return h("span", { class: `pill ${state}` }, t(`state.${state}`));
}

/** Outage, block or unclear. */
export function verdictPill(verdict) {
  return h("span", { class: `pill verdict ${verdict}` }, t(`verdict.${verdict}`));
}

/** How long it lasted, or lasts until now. */
export function lasted(incident) {
  const end = incident.end ? Date.parse(incident.end.at) : null;
  return end === null ? null : format.duration((end - Date.parse(incident.onset.at)) / 1000);
}
