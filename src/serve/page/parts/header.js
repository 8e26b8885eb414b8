// The head of the page: where one is, language, time zone and colors.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { LOCALES, choose, locale, setZoneOfAddress, theme, zone } from "../settings.js";
import { zones } from "../zones.js";

const LINKS = [["/", "overview"], ["/incidents", "incidents"], ["/query", "query"], ["/feeds", "feeds"], ["/about", "about"]];
/** Each language calls itself by its own name. */
const OWN_NAMES = { en: "English", pt: "Português", ar: "العربية" };

/** Nodes of the header for a view. */
export function header(view) {
  const current = view === "incident" ? "incidents" : view;
  return [
    h("a", { class: "brand", href: "/" }, "caiu"),
    h("nav", { "aria-label": t("nav.label") }, h("ul", {}, LINKS.map(([href, name]) => h("li", {},
      h("a", { href, "aria-current": name === current ? (view === "incident" ? "true" : "page") : null }, t(`nav.${name}`)))))),
    h("div", { class: "settings" }, zoneChoice(), languageChoice(), themeChoice()),
  ];
}

function languageChoice() {
  const control = h("select", { id: "language", onchange: (event) => choose("locale", event.target.value) },
    LOCALES.map((code) => h("option", { value: code, lang: code, selected: code === locale() }, OWN_NAMES[code])));
  return field(t("settings.language"), control);
}

function themeChoice() {
  const control = h("select", { id: "theme", onchange: (event) => choose("theme", event.target.value) },
    ["system", "light", "dark"].map((name) => h("option", { value: name, selected: name === theme() }, t(`theme.${name}`))));
  return field(t("settings.theme"), control);
}

function zoneChoice() {
  const option = (name) => h("option", { value: name, selected: name === zone() }, name.replaceAll("_", " "));
  const control = h("select", { id: "zone" });
  const { first, others } = zones();
  control.append(...(first.includes(zone()) ? first : [zone(), ...first]).map(option));
  const rest = h("optgroup", { label: t("settings.otherZones") }, others.filter((name) => name !== zone()).map(option));
  control.append(rest);
  control.addEventListener("change", () => {
    setZoneOfAddress(null);
    choose("zone", control.value);
  });
  return field(t("settings.zone"), control);
}

function field(words, control) {
  return h("label", {}, h("span", { class: "hidden" }, words), control);
}
