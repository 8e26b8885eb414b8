// Everything that is asked of the server: JSON, charts, files; with the token where one is needed.

const TOKEN = "caiu.token";

/** Why an answer did not come, as the server said it (problem+json), or status 0 where nothing answered. */
export class Problem extends Error {
  constructor(status, { title = "", detail = "", errors = [] } = {}) {
    super(detail || title || `status ${status}`);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.errors = errors;
  }
}

/** The token of this tab, if one was given. */
export function token() {
  try {
    return sessionStorage.getItem(TOKEN);
  } catch {
    return null;
  }
}

/** Keeps a token as long as this tab lives; `null` forgets it. */
export function setToken(value) {
  try {
    if (value) sessionStorage.setItem(TOKEN, value);
    else sessionStorage.removeItem(TOKEN);
  } catch {
    // Without storage there is no place for it, and the page asks again.
  }
}

/** An address below /api/v1 with its parameters; those that are empty are left out. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return `/api/v1${path}${text ? `?${text}` : ""}`;
}

/** Asks; a `Problem` is thrown where the answer is not what was asked for. */
export async function ask(url, { accept = "application/json", ...options } = {}) {
  const headers = { accept, ...options.headers };
  if (token()) headers.authorization = `Bearer ${token()}`;
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", redirect: "error", ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: error.message });
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, told);
}

/** JSON of an address below /api/v1. */
export async function json(path, parameters, signal) {
  return (await ask(address(path, parameters), { signal })).json();
}

/** All rows under `key` of a list that comes in pages of `limit`, in its order; no more than `most`. */
export async function walk(path, parameters, key, { limit, most }) {
  const rows = [];
  let cursor = null;
  do {
    const page = await json(path, { ...parameters, cursor, limit });
    rows.push(...page[key]);
    cursor = page.next;
  } while (cursor && rows.length < most);
  return rows.slice(0, most);
}

/** A drawn chart as text. */
export async function drawing(path, parameters, signal) {
  return (await ask(address(path, parameters), { signal, accept: "image/svg+xml" })).text();
}

/** Hands a file of the server to the reader. It is fetched first: the token goes along, and an error is told here. */
export async function download(url, name) {
  const answer = await ask(url, { accept: "*/*" });
  const told = /filename="?([^";]+)"?/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
  saveBlob(await answer.blob(), told ?? name);
}

/** Hands something to the reader that this page holds. */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name ?? "";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
