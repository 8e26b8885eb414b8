// What changed in an incident from one look to the next.

import { h } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { tableMenu } from "./downloads.js";
import { authorsText, estimateColumns, estimateText, sharesCell } from "./estimates.js";
import { csvFile } from "./table.js";

/** Revisions shown before the reader asks for all. */
const SHOWN = 6;
/** Least difference of a share that is told. */
const LEAST_SHARE = 0.05;

/** What a CSV of revisions holds. */
const COLUMNS = [
  { csvName: "seq", csv: ({ seq }) => seq }, { csvName: "at", csv: ({ at }) => at }, { csvName: "change", csv: ({ change }) => change },
  { csvName: "verdict", csv: ({ incident }) => incident.verdict }, { csvName: "phase", csv: ({ incident }) => incident.phase },
  ...estimateColumns("onset", ({ incident }) => incident.onset), ...estimateColumns("end", ({ incident }) => incident.end),
  { csvName: "alarm_at", csv: ({ incident }) => incident.alarm_at },
  { csvName: "peak_at", csv: ({ incident }) => incident.peak.at }, { csvName: "peak_per_min", csv: ({ incident }) => incident.peak.per_min },
  { csvName: "complaints", csv: ({ incident }) => incident.num_complaints }, { csvName: "authors", csv: ({ incident }) => incident.num_authors },
  { csvName: "moves", csv: ({ incident }) => sharesCell(incident.migrations ?? []) },
];

/** The list of revisions, newest first; all of them at once where somebody has asked for that before. */
export function revisions(list, id, isWhole = false) {
  if (list.length === 0) return h("p", {}, t("revisions.none"));
  const menu = tableMenu(t("incident.revisions"), [csvFile(`${id}-revisions`, COLUMNS, list)]);
  const rows = list.map((revision, index) => item(revision, list[index - 1])).reverse();
  const place = h("ol", { class: "revisions", reversed: true }, isWhole ? rows : rows.slice(0, SHOWN));
  if (isWhole) place.classList.add("whole");
  if (isWhole || rows.length <= SHOWN) return h("div", {}, menu, place);
  const button = h("button", { type: "button", class: "quiet" }, t("revisions.all", { n: rows.length }));
  button.addEventListener("click", () => {
    place.append(...rows.slice(SHOWN));
    place.classList.add("whole");
    button.remove();
  });
  return h("div", {}, menu, place, button);
}

function item({ at, change, incident }, before) {
  const changes = before ? differences(before.incident, incident) : first(incident);
  return h("li", {},
    h("p", {}, h("time", { datetime: at }, format.moment(at)), " ", h("span", { class: `change ${change}` }, t(`change.${change}`))),
    changes.length > 0 ? h("ul", {}, changes.map((words) => h("li", {}, words))) : h("p", { class: "note" }, t("revisions.small")));
}

function first(incident) {
  return [
    t("revisions.onsetFirst", { value: estimateText(incident.onset, incident.alarm_at) }),
    t("revisions.complaintsFirst", { n: incident.num_complaints }),
  ];
}

/** What differs between two states of one incident, in words. */
export function differences(before, after) {
  const words = [];
  const day = after.onset.at;
  const show = (value) => (value ? estimateText(value, day) : t("revisions.noEnd"));
  const say = (key, from, to) => { if (from !== to) words.push(t("revisions.from", { what: t(`figure.${key}`), from, to })); };
  say("verdict", t(`verdict.${before.verdict}`), t(`verdict.${after.verdict}`));
  say("onset", show(before.onset), show(after.onset));
  say("end", show(before.end), show(after.end));
  say("alarm", format.near(before.alarm_at, day), format.near(after.alarm_at, day));
  say("peak", peak(before, day), peak(after, day));
  const moved = targets(before, after);
  if (moved) words.push(`${t("figure.moves")}: ${moved}`);
  const numbers = words.length;
  say("complaints", format.count(before.num_complaints), format.count(after.num_complaints));
  say("authors", authorsText(before.num_authors), authorsText(after.num_authors));
  // The two numbers grow at every look: they share a line, so that what matters stands out.
  const grown = words.splice(numbers).join(t("list.semicolon"));
  return grown ? [...words, grown] : words;
}

function peak(incident, day) {
  return t("figure.peakValue", { rate: format.rate(incident.peak.per_min), time: format.near(incident.peak.at, day) });
}

/** Shares of moves that differ by some points, by where they go. */
function targets(before, after) {
  const share = (incident, service) => incident.migrations?.find(({ to }) => to === service)?.share.mid ?? null;
  const all = [...new Set([after, before].flatMap(({ migrations }) => (migrations ?? []).map(({ to }) => to)))];
  const show = (value) => (value === null ? "–" : format.percent(value));
  return all.map((service) => [service, share(before, service), share(after, service)])
    .filter(([, from, to]) => Math.abs((from ?? 0) - (to ?? 0)) >= LEAST_SHARE)
    .map(([service, from, to]) => t("revisions.from", { what: names.service(service), from: show(from), to: show(to) }))
    .join(t("list.semicolon"));
}
