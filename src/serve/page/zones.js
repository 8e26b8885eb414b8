// Time zones: the list to choose from, and moments as a reader writes them in the chosen one.

import { zone } from "./settings.js";

/** Zones of places where our languages are spoken, which stand first in the list. */
const NEAR = [
  "America/Sao_Paulo", "America/New_York", "America/Los_Angeles", "Europe/Lisbon", "Europe/London", "Africa/Lagos",
  "Africa/Luanda", "Africa/Maputo", "Africa/Casablanca", "Africa/Algiers", "Africa/Cairo", "Africa/Khartoum",
  "Asia/Beirut", "Asia/Baghdad", "Asia/Riyadh", "Asia/Dubai", "Asia/Kolkata",
];

/** The reader's own zone. */
export function ownZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}

/** The zones that stand first, and all others. */
export function zones() {
  const own = ownZone();
  const first = ["UTC", ...(own === "UTC" ? [] : [own]), ...NEAR.filter((name) => name !== own)];
  const all = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return { first, others: all.filter((name) => !first.includes(name)) };
}

/** The moment as `2021-10-04T15:40` in the chosen zone, as a datetime-local field takes it. */
export function toField(time) {
  const parts = Object.fromEntries(partsOf(new Date(time)));
  return `${parts.year.padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** What a datetime-local field holds, read in the chosen zone, as RFC 3339; `null` where it is no moment. */
export function fromField(text) {
  const wall = Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) return null;
  // The difference to UTC is that of the moment itself, which two rounds find, also beside a change of the clocks.
  let time = wall;
  for (let round = 0; round < 2; round += 1) time = wall - (wallOf(new Date(time)) - time);
  return stamp(time);
}

/** RFC 3339 in whole seconds with Z. */
export function stamp(time) {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function wallOf(date) {
  const parts = Object.fromEntries(partsOf(date));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}

function partsOf(date) {
  const options = {
    timeZone: zone(), hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  };
  return new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", options).formatToParts(date).map(({ type, value }) => [type, value]);
}
