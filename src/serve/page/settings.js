// What a reader chose: language, time zone, colors. Kept in this browser, nowhere else.

export const LOCALES = ["en", "pt", "ar"];
const DEFAULTS = { locale: null, zone: "UTC", theme: "system" };
const listeners = new Set();
let zoneOfAddress = null;

function read(name) {
  try {
    return localStorage.getItem(`caiu.${name}`);
  } catch {
    return null;
  }
}

const chosen = Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, read(name) ?? value]));

/** The language of the page: the chosen one, else the first of the browser's that we speak, else English. */
export function locale() {
  if (LOCALES.includes(chosen.locale)) return chosen.locale;
  const spoken = (navigator.languages ?? [navigator.language]).map((code) => code.slice(0, 2).toLowerCase());
  return spoken.find((code) => LOCALES.includes(code)) ?? "en";
}

/** The zone in which times are shown, an IANA name that this browser knows: that of the address before the chosen one. */
export function zone() {
  return [zoneOfAddress, chosen.zone].find(isZone) ?? "UTC";
}

/** Sets the zone that the address asks for (`tz`); a link then shows the same times to everybody. */
export function setZoneOfAddress(name) {
  zoneOfAddress = name;
}

/** `system`, `light` or `dark`. */
export function theme() {
  return ["light", "dark"].includes(chosen.theme) ? chosen.theme : "system";
}

/** The colors as they are now, for files that are drawn in one of the two. */
export function shownTheme() {
  if (theme() !== "system") return theme();
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Whether this browser knows a zone by that name. */
export function isZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return Boolean(name);
  } catch {
    return false;
  }
}

/** Chooses, keeps, and tells those who listen. */
export function choose(name, value) {
  // A zone may be chosen that only the address had turned away from.
  if (chosen[name] === value && name !== "zone") return;
  chosen[name] = value;
  try {
    localStorage.setItem(`caiu.${name}`, value);
  } catch {
    // The choice then holds as long as this page is open.
  }
  if (name === "theme") applyTheme();
  listeners.forEach((listener) => listener(name));
}

/** Calls `listener(name)` after each choice. */
export function onChoice(listener) {
  listeners.add(listener);
}

function applyTheme() {
  if (theme() === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme();
}
