// What services are called in the reader's language, and what the server says of itself: asked once.

import { json } from "./api.js";
import { locale } from "./settings.js";

let services = new Map();
let told = null;

/** Asks for both; the answer about the server comes back. */
export async function load(signal) {
  const [about, list] = await Promise.all([json("/about", {}, signal), json("/services", {}, signal)]);
  told = about;
  services = new Map(list.services.map((service) => [service.id, service.names ?? {}]));
  return about;
}

/** What the server said of itself: version, lexicon, index. */
export function about() {
  return told;
}

/** Asks again what the server says of itself. */
export async function refresh(signal) {
  told = await json("/about", {}, signal);
  return told;
}

/** A service by name; the id where it has none. */
export function service(id) {
  return services.get(id)?.[locale()] ?? services.get(id)?.en ?? id;
}

/** All that a service is called, in every language, and its id. */
export function all(id) {
  return [id, ...Object.values(services.get(id) ?? {})];
}

/** Ids of all services, by name. */
export function serviceIds() {
  return [...services.keys()].sort((a, b) => service(a).localeCompare(service(b), locale()));
}
