// The form of the burst query: text with its fields, filters, stretch of time, bin, what is counted.

import { h, put, unique } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { fromField, toField } from "../zones.js";
import { kindName } from "./posts.js";
import { FIELDS, valueOf, withValue } from "./terms.js";

export const BINS = ["1m", "5m", "15m", "1h", "6h", "1d"];
export const PER = ["authors", "posts", "clusters"];
const KINDS = ["complaint", "restored", "news", "other"];
const LANGUAGES = ["ar", "en", "pt", "und"];
const COUNTRIES = [
  "AE", "AO", "BH", "BR", "DZ", "EG", "GB", "IN", "IQ", "JO", "KW", "LB", "LY", "MA", "MZ", "NG", "OM", "PT", "QA",
  "SA", "SD", "SY", "TN", "US", "YE",
];
const EXAMPLES = ["down:whatsapp kind:complaint", "\"fora do ar\"", "service:(whatsapp OR telegram) -lang:en", "move:whatsapp>telegram", "واتساب طاح"];
/** Fields that the help explains, with a value to try. */
const HELP = [
  ["text", "zap caiu"], ["service", "service:telegram"], ["down", "down:whatsapp"], ["kind", "kind:complaint"], ["lang", "lang:ar"],
  ["country", "country:BR"], ["platform", "platform:mastodon"], ["feed", "feed:bluesky"], ["id", "id:123"], ["move", "move:>signal"],
];
const SPANS = [["1h", 3600], ["6h", 21600], ["24h", 86400], ["7d", 604800]];

/**
 * The form. `state` is `{q, from, to, bin, per}`; `onChange(next)` is called with a new one when the reader is done.
 * `take(state)` shows another one; `point(problem)` shows what is wrong with the query.
 */
export function queryForm(onChange) {
  let state = {};
  const wrong = unique("wrong");
  const q = h("input", { name: "q", type: "search", dir: "auto", maxlength: 2000, spellcheck: "false", autocapitalize: "none", autocomplete: "off", enterkeyhint: "search", placeholder: EXAMPLES[0], "aria-describedby": wrong });
  const from = h("input", { name: "from", type: "datetime-local", max: "9999-12-31T23:59" });
  const to = h("input", { name: "to", type: "datetime-local", max: "9999-12-31T23:59" });
  const bin = select("bin", [["", t("query.binAuto")], ...BINS.map((name) => [name, name])]);
  const per = select("per", PER.map((name) => [name, t(`per.${name}`)]));
  const filters = Object.fromEntries(FIELDS.map((field) => [field, select(field, choices(field))]));
  const message = h("p", { id: wrong, class: "wrong", role: "alert" });
  const read = () => ({
    ...state, q: q.value.trim(), bin: bin.value, per: per.value,
    // A field shows minutes; a moment that it still shows keeps its seconds.
    from: kept(state.from, from.value), to: kept(state.to, to.value),
  });
  const done = () => onChange(read());
  for (const [field, control] of Object.entries(filters)) {
    control.addEventListener("change", () => {
      q.value = withValue(q.value, field, control.value);
      done();
    });
  }
  for (const control of [bin, per]) control.addEventListener("change", done);
  q.addEventListener("input", () => showFilters(filters, q.value));
  const quick = h("div", { class: "choice", role: "group", "aria-label": t("query.quick") },
    SPANS.map(([, seconds]) => h("button", { type: "button", class: "link", onclick: () => onChange({ ...read(), ...lastOf(seconds) }) }, format.duration(seconds))),
    h("button", { type: "button", class: "link", onclick: () => onChange({ ...read(), from: "", to: "" }) }, t("query.all")));
  const form = h("form", { class: "query", role: "search", action: "/query" },
    h("div", { class: "query-line" }, labeled(t("query.q"), q, "grow"), h("button", { type: "submit" }, t("query.go"))),
    message, help((text) => { q.value = text; q.focus(); showFilters(filters, q.value); }),
    h("div", { class: "filters" }, FIELDS.map((field) => labeled(t(`filter.${field}`), filters[field]))),
    h("div", { class: "filters" },
      labeled(t("query.from", { zone: format.zoneName() }), from), labeled(t("query.to", { zone: format.zoneName() }), to),
      labeled(t("query.bin"), bin), labeled(t("query.per"), per)),
    quick);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done();
  });

  return {
    element: form,
    take(next) {
      state = next;
      q.value = next.q;
      from.value = next.from ? toField(next.from) : "";
      to.value = next.to ? toField(next.to) : "";
      addOption(bin, next.bin);
      bin.value = next.bin;
      per.value = next.per;
      showFilters(filters, next.q);
      put(message);
      q.removeAttribute("aria-invalid");
    },
    /** Shows what is wrong with the query; `false` where the problem is another one. */
    point(problem) {
      const error = problem.errors?.find(({ param }) => param === "q");
      if (!error) return false;
      q.setAttribute("aria-invalid", "true");
      put(message, t("query.wrong", { at: error.at ?? "?" }), " ", h("bdi", { lang: "en", dir: "ltr" }, error.message ?? problem.message));
      if (error.at) {
        q.focus();
        q.setSelectionRange(units(q.value, error.at - 1), q.value.length);
      }
      return true;
    },
  };
}

/** Place of a character, counted in characters, in UTF-16 code units. */
function units(text, characters) {
  return [...text].slice(0, characters).join("").length;
}

function kept(before, field) {
  if (!field) return "";
  return before && toField(before) === field ? before : fromField(field) ?? "";
}

/** The last seconds of the index, or up to now where it is live. */
function lastOf(seconds) {
  const end = names.about()?.index?.to;
  const isOld = end && Date.now() - Date.parse(end) > 3600 * 1000;
  const minute = 60_000;
  const to = Math.ceil((isOld ? Date.parse(end) : Date.now()) / minute) * minute;
  const text = (time) => new Date(time).toISOString().replace(".000Z", "Z");
  return { from: text(to - seconds * 1000), to: text(to) };
}

function choices(field) {
  const all = ["", t("filter.all")];
  if (field === "down") return [all, ...names.serviceIds().map((id) => [id, names.service(id)])];
  if (field === "kind") return [all, ...KINDS.map((kind) => [kind, kindName(kind)])];
  if (field === "lang") return [all, ...LANGUAGES.map((code) => [code, format.language(code)])];
  return [all, ...COUNTRIES.map((code) => [code, format.country(code)]).sort(([, a], [, b]) => a.localeCompare(b))];
}

function showFilters(filters, query) {
  for (const [field, control] of Object.entries(filters)) {
    const value = valueOf(query, field);
    addOption(control, value);
    control.value = value;
  }
}

function addOption(control, value) {
  if (value && ![...control.options].some((option) => option.value === value)) control.append(h("option", { value }, value));
}

function select(name, options) {
  return h("select", { name }, options.map(([value, words]) => h("option", { value }, words)));
}

function labeled(words, field, name = null) {
  return h("label", { class: name }, h("span", {}, words), field);
}

function help(insert) {
  const example = (text) => h("button", { type: "button", class: "link code", dir: "auto", onclick: () => insert(text) }, text);
  return h("details", { class: "help" },
    h("summary", {}, t("query.help")),
    h("p", {}, t("query.helpWords")),
    h("dl", {}, HELP.map(([field, value]) => h("div", {}, h("dt", {}, h("code", { dir: "ltr" }, field)), h("dd", {}, t(`query.field.${field}`), " ", example(value))))),
    h("p", {}, t("query.examples"), " ", EXAMPLES.map((text) => [example(text), " "])));
}
