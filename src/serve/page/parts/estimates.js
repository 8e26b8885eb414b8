// Moments with their intervals, states and verdicts, the same wherever they stand.

import { h } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";

/** An interval beside its value. */
export function intervalNote(text) {
  return h("span", { class: "interval", title: t("interval.title") }, `(${text})`);
}

/** A moment with its 90 % interval below it, days where they are not those of `beside`. */
export function estimate(value, beside = null) {
  if (!value) return "–";
  const main = value.low || !value.at ? format.near(value.at, beside) : t("interval.earlier", { high: format.near(value.high, beside) });
  return [
    h("time", { datetime: value.at, class: "moment" }, main), " ",
    value.low ? intervalNote(format.interval(value)) : null,
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

/** How long it lasted, with its 90 % interval, in one line of text. */
export function lastedText(incident) {
  const { words, interval } = lasted(incident);
  return `${words} (${interval})`;
}

/** How long it lasted and the 90 % interval of that, in words; `null` while it goes on. */
export function lasted({ onset, end }) {
  if (!end) return null;
  const [from, to] = [Date.parse(onset.at), Date.parse(end.at)];
  const between = (a, b) => Math.abs(Date.parse(a) - Date.parse(b));
  // Onset and end are estimated apart from each other: their errors add up as squares.
  const shorter = Math.hypot(between(onset.at, onset.high), between(end.low ?? end.at, end.at));
  const low = format.duration(Math.max(to - from - shorter, 0) / 1000);
  const words = format.duration((to - from) / 1000);
  if (!onset.low) return { words, interval: t("interval.longer", { low }) };
  const longer = Math.hypot(between(onset.at, onset.low), between(end.high, end.at));
  return { words, interval: `${low}–${format.duration((to - from + longer) / 1000)}` };
}

/** Keys of a sketch of distinct authors: fewer are counted one by one, more are estimated from so many. */
const SKETCH_KEYS = 1024;

/** The 90 % interval of a number of distinct authors as the server counts them; `null` where it is exact. */
export function authorsInterval(number) {
  if (!(number >= SKETCH_KEYS)) return null;
  const off = 1.645 / Math.sqrt(SKETCH_KEYS - 2);
  return [Math.round(number / (1 + off)), Math.round(number / (1 - off))];
}

/** A number of distinct authors, with its interval where it is an estimate. */
export function authorsText(number) {
  return format.count(number) + authorsNote(number);
}

/** The same in words. */
export function authorsWords(number) {
  return t("count.authors", { n: number }) + authorsNote(number);
}

function authorsNote(number) {
  const interval = authorsInterval(number);
  return interval ? ` (${interval.map(format.count).join("–")})` : "";
}

/** An expected rate with its 90 % interval: from the rate divided by `factor` to the rate times it. */
export function expectedText(rate, factor) {
  const [low, high] = [rate / factor, rate * factor].map(format.rate);
  // Bounds that round to the same say nothing more.
  return factor > 1 && low !== high ? `${format.rate(rate)} (${low}–${high})` : format.rate(rate);
}

/** Columns of a CSV for an estimate (`middle` is its own key): its bounds and itself, empty where there is none. */
export function estimateColumns(name, of, middle = "at") {
  return ["low", middle, "high"].map((bound) => ({ csvName: bound === middle ? name : `${name}_${bound}`, csv: (row) => of(row)?.[bound] }));
}

/** Shares with their intervals as one cell of a CSV. */
export function sharesCell(parts) {
  return parts.map(({ code, to, share }) => `${code ?? to}=${share.mid} (${share.low}-${share.high})`).join(" ");
}
