// What changed in an incident from one look to the next.

import { h } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { estimateText } from "./estimates.js";

/** Revisions shown before the reader asks for all. */
const SHOWN = 6;

/** The list of revisions, newest first. */
export function revisions(list) {
  if (list.length === 0) return h("p", {}, t("revisions.none"));
  const rows = list.map((revision, index) => item(revision, list[index - 1])).reverse();
  const place = h("ol", { class: "revisions", reversed: true }, rows.slice(0, SHOWN));
  if (rows.length <= SHOWN) return place;
  const button = h("button", { type: "button", class: "quiet" }, t("revisions.all", { n: rows.length }));
  button.addEventListener("click", () => {
    place.append(...rows.slice(SHOWN));
    button.remove();
  });
  return h("div", {}, place, button);
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
  say("moves", targets(before), targets(after));
  const numbers = words.length;
  say("complaints", format.count(before.num_complaints), format.count(after.num_complaints));
  say("authors", format.count(before.num_authors), format.count(after.num_authors));
  // The two numbers grow at every look: they share a line, so that what matters stands out.
  const grown = words.splice(numbers).join(t("list.semicolon"));
  return grown ? [...words, grown] : words;
}

function peak(incident, day) {
  return t("figure.peakValue", { rate: format.rate(incident.peak.per_min), time: format.near(incident.peak.at, day) });
}

function targets(incident) {
  const list = (incident.migrations ?? []).map(({ to, share }) => `${names.service(to)} ${format.percent(share.mid)}`);
  return list.length > 0 ? list.join(t("list.comma")) : t("moves.noneShort");
}
