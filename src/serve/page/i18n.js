// The words of the page in the reader's language, with the plural forms of each.

import { locale } from "./settings.js";

let words = {};
let rules = new Intl.PluralRules("en");
let isRightToLeft = false;

/** Languages that are written from right to left, among ours. */
const RIGHT_TO_LEFT = ["ar"];
/** The tag for numbers and dates: Arabic with the digits that charts and files have. */
const TAGS = { en: "en-GB", pt: "pt-BR", ar: "ar-u-nu-latn-ca-gregory" };

/** Loads the words of the chosen language and turns the page. */
export async function load() {
  const code = locale();
  words = (await import(`./locale/${code}.js`)).default;
  rules = new Intl.PluralRules(code);
  isRightToLeft = RIGHT_TO_LEFT.includes(code);
  document.documentElement.lang = code;
  document.documentElement.dir = isRightToLeft ? "rtl" : "ltr";
}

/** Tag for Intl. */
export function tag() {
  return TAGS[locale()];
}

/** Whether there are words under this key. */
export function has(key) {
  return key in words;
}

/**
 * The words under a key, with `{name}` filled from `values`. Where the words have plural forms, `values.n` chooses
 * one, and `{n}` is written by the language's own custom.
 */
export function t(key, values = {}) {
  let text = words[key];
  if (text === undefined) {
    console.error(`no words for ${key}`);
    return key;
  }
  if (typeof text !== "string") text = text[rules.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => isolated(values[name]));
}

/** A value that runs in its own direction whatever stands around it. */
function isolated(value) {
  if (typeof value === "number") return new Intl.NumberFormat(tag()).format(value);
  const text = String(value ?? "");
  const turns = isRightToLeft ? /[A-Za-z\u00C0-\u024F]/ : /[\u0590-\u08FF\uFB1D-\uFEFC]/;
  return turns.test(text) ? `\u2068${text}\u2069` : text;
}
