// Shares as bars: the middle filled, the 90 % interval as a whisker.

import { h, svg } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";

/** A bar of a share in 0..=1; with `low` and `high` it gets a whisker. */
export function bar({ mid, low, high }) {
  const place = (share) => (Math.min(Math.max(share, 0), 1) * 1000).toFixed(1);
  return svg("svg", { class: "bar", viewBox: "0 0 1000 20", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    svg("rect", { class: "track", width: 1000, height: 20 }),
    svg("rect", { class: "fill", width: place(mid), height: 20 }),
    low === undefined ? null : svg("path", { class: "whisker", d: `M${place(low)} 10H${place(high)}M${place(low)} 4V16M${place(high)} 4V16` }));
}

/** Shares by name as a table of bars, greatest first; `name(code)` says them in words. */
export function shares(caption, map, name, file) {
  const rows = Object.entries(map ?? {}).sort(([a, x], [b, y]) => y - x || a.localeCompare(b));
  return { rows, file, columns: [
    { name: caption, isRowHeader: true, show: ([code]) => h("bdi", {}, name(code)), csv: ([code]) => code },
    { name: t("table.bar"), className: "bar-cell", show: ([, share]) => bar({ mid: share }) },
    { name: t("table.share"), isNumber: true, show: ([, share]) => format.percent(share), csv: ([, share]) => share, csvName: "share" },
  ] };
}
