// When the feeds were listening, as a strip and in words: a gap is missing, not quiet.

import { h, svg } from "../dom.js";
import * as format from "../format.js";
import { has, t } from "../i18n.js";

/** A strip of time with its gaps hatched. */
export function strip({ from, to, gaps }) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (!(end > start)) return "";
  const place = (time) => (Math.min(Math.max((Date.parse(time) - start) / (end - start), 0), 1) * 1000);
  const marks = gaps.map((gap) => svg("rect", {
    class: "gap", x: place(gap.from).toFixed(1), width: Math.max(place(gap.to) - place(gap.from), 3).toFixed(1), height: 20,
  }));
  return svg("svg", { class: "bar strip", viewBox: "0 0 1000 20", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    svg("rect", { class: "listening", width: 1000, height: 20 }), marks);
}

/** Gaps as a list in words; how many there are where there are none. */
export function gapList(gaps) {
  if (gaps.length === 0) return h("p", {}, t("gaps.none"));
  return h("ul", { class: "gaps" }, gaps.map((gap) => h("li", {}, gapWords(gap))));
}

/** Columns of a CSV of gaps. */
export const GAP_COLUMNS = ["feed", "from", "to", "cause"].map((name) => ({ csvName: name, csv: (gap) => gap[name] }));

function gapWords({ from, to, cause, feed }) {
  const words = [t("gaps.one", {
    from: format.moment(from), to: to ? format.near(to, from) : t("gaps.open"),
    length: to ? format.duration((Date.parse(to) - Date.parse(from)) / 1000) : "",
  })];
  if (feed) words.push(h("bdi", {}, ` ${feed}`));
  if (cause) words.push(": ", has(`cause.${cause}`) ? t(`cause.${cause}`) : h("bdi", {}, cause));
  return words;
}
