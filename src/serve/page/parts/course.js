// The course of one service in its row: drawn by the server where there is something to see; a flat line is drawn here, so
// that hundreds of services of which nobody complains cost no request each.

import { drawing } from "../api.js";
import { svg } from "../dom.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { chartFiles, downloads } from "./downloads.js";
import { parse } from "./drawing.js";

/** Size of a course in its own units, as the server draws it, with the room around the plot. */
const [WIDTH, HEIGHT, BOTTOM, TOP] = [160, 36, 34.5, 1.5];

/** Asks the server for the course of a service; `null` where it has none to draw. */
export async function fetched(id, parameters, signal) {
  const drawn = parse(await drawing(`/services/${encodeURIComponent(id)}/chart.svg`, { ...parameters, size: "spark" }, signal));
  return drawn && named(drawn, id);
}

/**
 * The course of a service without complaints: zero against what is expected in a bin, missing where nobody listened.
 * `told` is an overview, with its coverage.
 */
export function flat(id, expected, { bin_secs: binSecs, coverage: { from, to, gaps } }) {
  const place = (time) => (((Date.parse(time) - Date.parse(from)) / (Date.parse(to) - Date.parse(from))) * WIDTH).toFixed(1);
  // One complaint in a bin would reach the top.
  const usual = BOTTOM - (BOTTOM - TOP) * Math.min((expected * binSecs) / 60, 1);
  return named(svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` },
    svg("path", { class: "seen", d: `M0 ${BOTTOM}H${WIDTH}` }),
    svg("path", { class: "usual", d: `M0 ${usual.toFixed(1)}H${WIDTH}` }),
    gaps.map((gap) => svg("rect", { class: "gap", x: place(gap.from), width: Math.max(place(gap.to) - place(gap.from), 1).toFixed(1), y: 0, height: HEIGHT }))), id);
}

function named(drawn, id) {
  drawn.setAttribute("class", "spark-chart");
  // It has no letters, so that it may be as wide as its cell.
  drawn.setAttribute("preserveAspectRatio", "none");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", t("overview.spark", { service: names.service(id) }));
  return drawn;
}

/** A menu with the course as files. */
export function courseMenu(id, parameters) {
  const path = `/services/${encodeURIComponent(id)}`;
  const counts = { label: "CSV", path: `${path}/series.csv`, parameters, name: `${id}.csv`, isZoned: true };
  return downloads(t("download.chart", { title: names.service(id) }), () => chartFiles(`${path}/chart`, parameters, [counts]), true);
}

