// Shares as bars: the middle filled, the 90 % interval as a whisker.

import { h, svg } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import { estimateColumns, intervalNote } from "./estimates.js";

/** A bar of a share in 0..=1; with `low` and `high` it gets a whisker. */
export function bar({ mid, low, high }) {
  const place = (share) => (Math.min(Math.max(share, 0), 1) * 1000).toFixed(1);
  return svg("svg", { class: "bar", viewBox: "0 0 1000 20", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    svg("rect", { class: "track", width: 1000, height: 20 }),
    svg("rect", { class: "fill", width: place(mid), height: 20 }),
    low === undefined ? null : svg("path", { class: "whisker", d: `M${place(low)} 10H${place(high)}M${place(low)} 4V16M${place(high)} 4V16` }));
}

/** Parts of the complaints (`{code, num_complaints, share}`) as a table of bars; `name(code)` says them in words. */
export function shares(caption, parts, name, file) {
  return { rows: parts, file, columns: [
    { name: caption, isRowHeader: true, show: ({ code }) => h("bdi", {}, name(code)), csv: ({ code }) => code, csvName: "code" },
    { name: t("table.bar"), className: "bar-cell", show: ({ share }) => bar(share) },
    { name: t("table.share"), isNumber: true, show: ({ share }) => shareWords(share) },
    ...estimateColumns("share", ({ share }) => share, "mid"),
    { name: t("column.complaints"), isNumber: true, show: ({ num_complaints }) => format.count(num_complaints), csv: ({ num_complaints }) => num_complaints, csvName: "complaints" },
  ] };
}

/** A share with its 90 % interval. */
export function shareWords(share) {
  return [format.percent(share.mid), " ", intervalNote(format.percentInterval(share))];
}
