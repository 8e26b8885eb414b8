// Where people go: a flow drawn to scale, a table with bars and intervals, and sentences.

import { h, svg } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { bar, shareWords } from "./bars.js";
import { downloads } from "./downloads.js";
import { authorsText, authorsWords, intervalNote } from "./estimates.js";
import { pngBlob, svgText } from "./picture.js";
import { table } from "./table.js";

/** The part of the incident page about moves. */
export function moves(incident) {
  const migrations = incident.migrations ?? [];
  if (migrations.length === 0) return h("p", {}, t("moves.none"));
  const stated = migrations.filter(({ num_stated }) => num_stated > 0);
  const drawn = stated.length > 1 ? flow(incident.service, stated) : null;
  const name = `${incident.id}-migrations`;
  const csv = { label: "CSV", path: `/incidents/${encodeURIComponent(incident.id)}/migrations.csv`, name: `${name}.csv` };
  return h("div", { class: "moves" },
    drawn ? flowFigure(drawn, name, csv) : null,
    table({ caption: t("moves.caption"), isCaptionHidden: true, className: "moves-table", rows: migrations, columns: columns(), file: name, csv }),
    h("ul", { class: "sentences" }, migrations.map((migration) => h("li", {}, sentence(migration)))),
    h("p", { class: "note" }, t("moves.note")));
}

/** The flow with its files. */
function flowFigure(drawn, name, csv) {
  const title = drawn.getAttribute("aria-label");
  const files = [
    { label: "SVG", name: `${name}-flow.svg`, make: async () => new Blob([svgText(drawn)], { type: "image/svg+xml" }) },
    { label: "PNG", name: `${name}-flow.png`, make: () => pngBlob(drawn) },
    csv,
  ];
  return h("figure", { class: "flow-figure" }, h("div", { class: "menus" }, downloads(t("download.chart", { title }), files)), drawn);
}

function columns() {
  return [
    { name: t("moves.to"), isRowHeader: true, show: ({ to }) => names.service(to) },
    { name: t("table.bar"), className: "bar-cell", show: ({ share }) => bar(share) },
    { name: t("moves.share"), isNumber: true, show: ({ share }) => shareWords(share) },
    { name: t("moves.authors"), isNumber: true, show: ({ num_authors }) => authorsText(num_authors) },
    { name: t("moves.lift"), isNumber: true, show: ({ lift }) => (lift
      ? [t("moves.times", { n: format.rate(lift.mid) }), " ", intervalNote(`${format.rate(lift.low)}–${format.rate(lift.high)}`)]
      : h("span", { title: t("moves.noLift") }, "–")) },
    { name: t("moves.p"), isNumber: true, show: ({ p_value }) => format.probability(p_value) },
  ];
}

function sentence(migration) {
  const { share, num_stated, num_authors, lift, p_value } = migration;
  const to = names.service(migration.to);
  const parts = [t("moves.sentence", {
    to, share: format.percent(share.mid), interval: format.percentInterval(share),
    posts: t("count.posts", { n: num_stated }), authors: authorsWords(num_authors),
  })];
  parts.push(lift ? t("moves.liftWords", { lift: format.rate(lift.mid), interval: `${format.rate(lift.low)}–${format.rate(lift.high)}` }) : t("moves.noLift"));
  if (p_value >= 0.05) parts.push(t("moves.chance"));
  return parts.join(" ");
}

/** Sizes of the flow in its own units; a target gets at least a row, so that no two labels touch. */
const WIDE = { width: 640, total: 120, row: 22, gap: 4, node: 12, side: 150, label: 190 };
/** On a phone it has fewer units, so that its letters stay as large as those around. */
const NARROW = { ...WIDE, width: 340, side: 88, label: 136 };

/** One stream from the service to each place, as wide as its share; the table below says the same in numbers. */
function flow(from, migrations) {
  const isRightToLeft = document.documentElement.dir === "rtl";
  const size = matchMedia("(max-width: 35rem)").matches ? NARROW : WIDE;
  const total = migrations.reduce((sum, { share }) => sum + share.mid, 0) || 1;
  const thick = migrations.map(({ share }) => Math.max((share.mid / total) * size.total, 1.5));
  const slots = thick.map((each) => Math.max(each, size.row) + size.gap);
  const height = slots.reduce((sum, each) => sum + each, 0);
  const source = thick.reduce((sum, each) => sum + each, 0);
  // Drawn from left to right, and mirrored point by point where the page runs the other way.
  const x = (place) => (isRightToLeft ? size.width - place : place);
  const rect = (place, width, y, tall) => svg("rect", { class: "node", x: Math.min(x(place), x(place + width)), y: y.toFixed(1), width, height: tall.toFixed(1) });
  const text = (place, y, content, isEnd, name) => svg("text", {
    x: x(place), y: (y + 5).toFixed(1), "text-anchor": isEnd === isRightToLeft ? "start" : "end", class: name,
  }, content);
  const [x0, x1] = [size.side + size.node, size.width - size.label];
  let [above, below] = [(height - source) / 2, 0];
  const streams = migrations.map(({ to, share }, index) => {
    const [y0, y1] = [above + thick[index] / 2, below + slots[index] / 2];
    above += thick[index];
    below += slots[index];
    const middle = (x0 + x1) / 2;
    return [
      svg("path", { class: "stream", d: `M${x(x0)} ${y0.toFixed(1)}C${x(middle)} ${y0.toFixed(1)} ${x(middle)} ${y1.toFixed(1)} ${x(x1)} ${y1.toFixed(1)}`, "stroke-width": thick[index].toFixed(1) }),
      rect(x1, 6, y1 - thick[index] / 2, thick[index]),
      text(x1 + 14, y1, `${isRightToLeft ? "\u2067" : "\u2066"}\u2068${names.service(to)}\u2069 ${format.percent(share.mid)}\u2069`, false),
    ];
  });
  return svg("svg", { class: "flow", viewBox: `0 0 ${size.width} ${height.toFixed(0)}`, role: "img", "aria-label": t("moves.flow", { from: names.service(from) }) },
    text(size.side - 8, height / 2, names.service(from), true, "source"),
    rect(size.side, size.node, (height - source) / 2, source),
    streams);
}
