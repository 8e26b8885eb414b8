// All incidents, newest first, by state and service.

import { json, walk } from "../api.js";
import { h, put } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as live from "../live.js";
import * as names from "../names.js";
import { shareWords } from "../parts/bars.js";
import { MOST_ROWS, wholeLabel } from "../parts/downloads.js";
import { estimate, estimateColumns, intervalNote, lasted, sharesCell, statePill, verdictPill } from "../parts/estimates.js";
import { empty, loading, problem } from "../parts/states.js";
import { csvFile, table } from "../parts/table.js";
import { go, link } from "../router.js";

const STATES = ["all", "open", "ended", "withdrawn"];
const PAGE = 50;
/** Incidents of one answer where all of them are fetched for a file: as many as the server gives. */
const FETCHED = 500;

export async function open({ main, query, signal, title }) {
  title(t("nav.incidents"));
  const state = STATES.includes(query.get("state")) ? query.get("state") : "all";
  const chosen = { state, service: query.get("service") ?? "", cursor: query.get("cursor") };
  const place = h("div", {}, loading());
  const fresh = h("p", { class: "notice", role: "status", hidden: true });
  put(main, h("h1", { tabindex: "-1" }, t("incidents.title")), filters(chosen), fresh, place);

  async function look() {
    try {
      const told = await json("/incidents", { ...chosen, limit: PAGE }, signal);
      put(place, told.incidents.length > 0 ? list(told, chosen) : empty(t("incidents.empty"), t("incidents.emptyRemedy")));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 401) throw error;
      put(place, problem(error, look));
    }
  }
  await look();
  live.on("incident", () => {
    // A list that changes under the hand is worse than one that says that it is old.
    fresh.hidden = false;
    put(fresh, t("incidents.changed"), " ", h("button", { type: "button", onclick: () => { fresh.hidden = true; look(); } }, t("state.refresh")));
  }, signal);
}

function filters(chosen) {
  const change = (name) => (event) => go(link("/incidents", { ...chosen, cursor: null, [name]: event.target.value === "all" ? "" : event.target.value }));
  const option = (value, label, current) => h("option", { value, selected: value === current }, label);
  return h("div", { class: "filters" },
    h("label", {}, h("span", {}, t("incidents.state")),
      h("select", { onchange: change("state") }, STATES.map((each) => option(each, t(`incidents.state.${each}`), chosen.state)))),
    h("label", {}, h("span", {}, t("column.service")),
      h("select", { onchange: change("service") }, option("", t("filter.all"), chosen.service),
        names.serviceIds().map((id) => option(id, names.service(id), chosen.service)))));
}

function list(told, chosen) {
  const line = (name, share) => h("span", { class: "line" }, name, " ", shareWords(share));
  const moves = (incident) => (incident.migrations ?? []).slice(0, 2).map(({ to, share }) => line(names.service(to), share));
  const languages = ({ langs }) => langs.slice(0, 3).map(({ code, share }) => line(format.language(code), share));
  const length = (incident) => {
    const told = lasted(incident);
    return told ? [h("span", { class: "moment" }, told.words), " ", intervalNote(told.interval)] : "–";
  };
  const columns = [
    { name: t("column.service"), isRowHeader: true, csvName: "service", csv: ({ incident }) => incident.service,
      show: ({ incident }) => h("a", { href: `/incidents/${encodeURIComponent(incident.id)}` }, names.service(incident.service)) },
    { name: t("column.state"), csvName: "state", csv: ({ incident, change }) => (change === "withdrawn" ? change : incident.phase),
      show: ({ incident, change }) => [statePill(incident, change), " ", verdictPill(incident.verdict)] },
    { csvName: "id", csv: ({ incident }) => incident.id }, { csvName: "verdict", csv: ({ incident }) => incident.verdict },
    ...estimateColumns("onset", ({ incident }) => incident.onset), ...estimateColumns("end", ({ incident }) => incident.end),
    { name: t("column.onset"), show: ({ incident }) => estimate(incident.onset) },
    { name: t("column.end"), show: ({ incident }) => (incident.end ? estimate(incident.end, incident.onset.at) : t("end.none")) },
    { name: t("column.lasted"), show: ({ incident }) => length(incident) },
    { name: t("column.complaints"), isNumber: true, csvName: "complaints", csv: ({ incident }) => incident.num_complaints, show: ({ incident }) => format.count(incident.num_complaints) },
    { csvName: "authors", csv: ({ incident }) => incident.num_authors },
    { csvName: "peak_per_min", csv: ({ incident }) => incident.peak.per_min }, { csvName: "peak_at", csv: ({ incident }) => incident.peak.at },
    { csvName: "alarm_at", csv: ({ incident }) => incident.alarm_at },
    { name: t("column.languages"), csvName: "languages", csv: ({ langs }) => sharesCell(langs), show: languages },
    { csvName: "countries", csv: ({ countries }) => sharesCell(countries) },
    { name: t("column.moves"), csvName: "moves", csv: ({ incident }) => sharesCell(incident.migrations ?? []), show: ({ incident }) => (incident.migrations?.length ? moves(incident) : "–") },
    { name: t("column.revisions"), isNumber: true, csvName: "revisions", csv: ({ num_revisions }) => num_revisions, show: ({ num_revisions }) => format.count(num_revisions) },
  ];
  const pages = h("nav", { class: "pages", "aria-label": t("pages.label") },
    chosen.cursor ? h("a", { href: link("/incidents", { ...chosen, cursor: null }) }, t("pages.first")) : null,
    told.next ? h("a", { href: link("/incidents", { ...chosen, cursor: told.next }), rel: "next" }, t("pages.next")) : null);
  const all = () => walk("/incidents", { state: chosen.state, service: chosen.service }, "incidents", { limit: FETCHED, most: MOST_ROWS });
  const csv = csvFile("incidents", columns, all, wholeLabel(told.total));
  return h("div", {},
    table({ caption: t("incidents.caption", { n: told.total, zone: format.zoneName() }), columns, rows: told.incidents, file: "incidents", csv }),
    pages);
}
