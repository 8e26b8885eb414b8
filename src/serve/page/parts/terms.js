// The fields of a query that have a control of their own: read from its text and written into it, so that the text
// stays the whole truth.

/** Fields with a control. */
export const FIELDS = ["down", "kind", "lang", "country"];

const PART = /"[^"]*"?|\S+/g;

/** The value of a field, where the query has it once, alone and not negated; else `""`. */
export function valueOf(query, field) {
  const found = (query.match(PART) ?? []).filter((part) => part.startsWith(`${field}:`));
  const value = found.length === 1 ? found[0].slice(field.length + 1) : "";
  return /^[\w?.-]+$/.test(value) ? value : "";
}

/** The query with the field set to a value, or without it where the value is empty. */
export function withValue(query, field, value) {
  const term = value ? `${field}:${value}` : "";
  const current = valueOf(query, field);
  if (!current) return [query.trim(), term].filter(Boolean).join(" ");
  const parts = query.match(PART) ?? [];
  return parts.map((part) => (part === `${field}:${current}` ? term : part)).filter(Boolean).join(" ");
}
