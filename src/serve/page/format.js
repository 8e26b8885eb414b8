// Numbers, moments and intervals in the reader's language and zone.

import { t, tag } from "./i18n.js";
import { zone } from "./settings.js";

const made = new Map();

/** Formatters are dear to make: one of each is kept. */
function formatter(kind, options) {
  const key = `${tag()} ${zone()} ${kind.name} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new kind(tag(), options));
  return made.get(key);
}

const date = (options) => formatter(Intl.DateTimeFormat, { hourCycle: "h23", timeZone: zone(), ...options });

/** A day, as `4 Oct 2021`. */
export function day(time) {
  return date({ day: "numeric", month: "short", year: "numeric" }).format(new Date(time));
}

/** A time of day, as `15:41`. */
export function clock(time) {
  return date({ hour: "2-digit", minute: "2-digit" }).format(new Date(time));
}

/** A time of day with seconds. */
export function clockWithSeconds(time) {
  return date({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(time));
}

/** Day and time of day, as `4 Oct 2021, 15:41`. */
export function moment(time) {
  return `${day(time)}${t("list.comma")}${clock(time)}`;
}

/** Time of day; with the day before it where that is not the day of `beside`. */
export function near(time, beside) {
  return beside && day(time) === day(beside) ? clock(time) : moment(time);
}

/** The 90 % interval of an estimate, as `15:39–15:44`, or `by 15:44` where it is open to the left. */
export function interval(estimate) {
  const high = near(estimate.high, estimate.at);
  return estimate.low ? `${near(estimate.low, estimate.at)}–${high}` : t("interval.open", { high });
}

/** The zone's name as it is shown beside times, as `UTC` or `Asia/Baghdad`. */
export function zoneName() {
  return zone().replaceAll("_", " ");
}

/** A whole number. */
export function count(number) {
  return number === null || number === undefined ? "–" : formatter(Intl.NumberFormat, {}).format(number);
}

/** A rate or another number that is not whole: two digits where it is small. */
export function rate(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  if (number > 0 && number < 0.005) return t("less", { value: rate(0.01) });
  const digits = Math.abs(number) >= 20 || number === 0 ? 0 : Math.abs(number) >= 1 ? 1 : 2;
  return formatter(Intl.NumberFormat, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(number);
}

/** A share in 0..=1 in percent; what is above 0 but rounds to it as `<1%`. */
export function percent(share) {
  // The mark that Arabic gets behind the sign would turn the order of what follows.
  const form = (value) => formatter(Intl.NumberFormat, { style: "percent", maximumFractionDigits: 0 }).format(value).replace(/\u200E|\u200F|\u061C/g, "");
  return share > 0 && share < 0.005 ? t("less", { value: form(0.01) }) : form(share);
}

/** The interval of a share, as `54–68%`. */
export function percentInterval({ low, high }) {
  const form = formatter(Intl.NumberFormat, { maximumFractionDigits: 0 });
  return `${form.format(low * 100)}–${percent(high)}`;
}

/** A probability, as `<0.001` or `0.041`. */
export function probability(p) {
  const form = formatter(Intl.NumberFormat, { maximumSignificantDigits: 2 });
  return p < 0.001 ? t("less", { value: form.format(0.001) }) : form.format(p);
}

/** A length of time in its two greatest units, as `6 h 8 min`. */
export function duration(seconds) {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  // The short forms of Arabic are single letters, which few read.
  const unitDisplay = tag().startsWith("ar") ? "long" : "short";
  let left = Math.round(Math.abs(seconds));
  const parts = [];
  for (const [unit, size] of units) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole > 0 || (unit === "second" && parts.length === 0)) {
      parts.push(formatter(Intl.NumberFormat, { style: "unit", unit, unitDisplay }).format(whole));
    } else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(t("list.units"));
}

/** How long ago, as `3 minutes ago`. */
export function ago(time, now = Date.now()) {
  const seconds = (new Date(time) - now) / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, size]) => Math.abs(seconds) >= size)
    ?? ["second", 1];
  return formatter(Intl.RelativeTimeFormat, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

/** A width of a bin, as `5 min`. */
export function width(seconds) {
  return duration(seconds);
}

/** Bytes as `12.3 MB`. */
export function bytes(number) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(Math.floor(Math.log10(Math.max(number, 1)) / 3), units.length - 1);
  const options = { style: "unit", unit: units[power], unitDisplay: "short", maximumFractionDigits: power ? 1 : 0 };
  return formatter(Intl.NumberFormat, options).format(number / 1000 ** power);
}

function displayName(type, code) {
  try {
    return formatter(Intl.DisplayNames, { type, fallback: "code" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A language by its name; `und` in words. */
export function language(code) {
  return code === "und" ? t("lang.und") : displayName("language", code);
}

/** A claimed country by its name; `??` in words. */
export function country(code) {
  return code === "??" || !code ? t("country.none") : displayName("region", code);
}
