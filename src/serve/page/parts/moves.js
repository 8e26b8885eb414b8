// Where people go: a flow drawn to scale, a table with bars and intervals, and sentences.

import { h, svg } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { bar } from "./bars.js";
import { table } from "./table.js";

/** The part of the incident page about moves. */
export function moves(incident) {
  const migrations = incident.migrations ?? [];
  if (migrations.length === 0) return h("p", {}, t("moves.none"));
  const stated = migrations.filter(({ num_stated }) => num_stated > 0);
  return h("div", {},
    stated.length > 1 ? flow(incident.service, stated) : null,
    table({
      caption: t("moves.caption"), isCaptionHidden: true, className: "bars", rows: migrations, columns: columns(),
      files: [{ label: "CSV", path: `/incidents/${encodeURIComponent(incident.id)}/migrations.csv`, name: `${incident.id}-migrations.csv` }],
    }),
    h("ul", { class: "sentences" }, migrations.map((migration) => h("li", {}, sentence(migration)))),
    h("p", { class: "note" }, t("moves.note")));
}

function columns() {
  return [
    { name: t("moves.to"), isRowHeader: true, show: ({ to }) => names.service(to) },
    { name: t("table.bar"), className: "bar-cell", show: ({ share }) => bar(share) },
    { name: t("moves.share"), isNumber: true, show: ({ share }) => [format.percent(share.mid), " ", interval(format.percentInterval(share))] },
    { name: t("moves.authors"), isNumber: true, show: ({ num_authors }) => format.count(num_authors) },
    { name: t("moves.lift"), isNumber: true, show: ({ lift }) => (lift
      ? [t("moves.times", { n: format.rate(lift.mid) }), " ", interval(`${format.rate(lift.low)}–${format.rate(lift.high)}`)]
      : h("span", { title: t("moves.noLift") }, "–")) },
    { name: "p", isNumber: true, show: ({ p_value }) => chance(p_value) },
  ];
}

function interval(text) {
  return h("span", { class: "interval", title: t("interval.title") }, `(${text})`);
}

/** A probability, as `<0.001` or `0.041`. */
export function chance(p) {
  const form = (number, digits) => new Intl.NumberFormat(document.documentElement.lang === "ar" ? "ar-u-nu-latn" : document.documentElement.lang, { maximumSignificantDigits: digits }).format(number);
  return p < 0.001 ? `<${form(0.001, 1)}` : form(p, 2);
}

function sentence(migration) {
  const { share, num_stated, num_authors, lift, p_value } = migration;
  const to = names.service(migration.to);
  const parts = [t("moves.sentence", {
    to, share: format.percent(share.mid), interval: format.percentInterval(share),
    posts: t("count.posts", { n: num_stated }), authors: t("count.authors", { n: num_authors }),
  })];
  parts.push(lift ? t("moves.liftWords", { lift: format.rate(lift.mid), interval: `${format.rate(lift.low)}–${format.rate(lift.high)}` }) : t("moves.noLift"));
  if (p_value >= 0.05) parts.push(t("moves.chance"));
  return parts.join(" ");
}

const FLOW = { width: 640, row: 44, node: 14, left: 130, right: 190 };

/** One stream from the service to each place, as wide as its share; the table below says the same in numbers. */
function flow(from, migrations) {
  const total = migrations.reduce((sum, { share }) => sum + share.mid, 0) || 1;
  const height = migrations.length * FLOW.row;
  const room = height - (migrations.length - 1) * 10;
  const [x0, x1] = [FLOW.left + FLOW.node, FLOW.width - FLOW.right];
  let [above, below] = [(height - room) / 2, 0];
  const streams = migrations.map(({ to, share }) => {
    const thick = Math.max((share.mid / total) * room, 1.5);
    const [y0, y1] = [above + thick / 2, below + thick / 2];
    above += thick;
    below += thick + 10;
    const middle = (x0 + x1) / 2;
    const label = `${names.service(to)} ${format.percent(share.mid)}`;
    return [
      svg("path", { class: "stream", d: `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`, "stroke-width": thick.toFixed(1) }),
      svg("rect", { class: "node", x: x1, y: y1 - thick / 2, width: 6, height: thick.toFixed(1) }),
      svg("text", { x: x1 + 14, y: y1 + 5 }, label),
    ];
  });
  return svg("svg", { class: "flow", viewBox: `0 0 ${FLOW.width} ${height}`, role: "img", "aria-label": t("moves.flow", { from: names.service(from) }) },
    svg("text", { x: FLOW.left - 8, y: height / 2 + 5, "text-anchor": "end", class: "source" }, names.service(from)),
    svg("rect", { class: "node", x: FLOW.left, y: (height - room) / 2, width: FLOW.node, height: room }),
    streams);
}
