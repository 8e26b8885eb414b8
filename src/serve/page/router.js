// Which view an address shows. Links of this page change the address without loading it anew; the back button works.

const VIEWS = [
  [/^\/$/, "overview"],
  [/^\/incidents$/, "incidents"],
  [/^\/incidents\/([^/]+)$/, "incident"],
  [/^\/query$/, "query"],
  [/^\/feeds$/, "feeds"],
  [/^\/about$/, "about"],
];

let render = () => {};

/** The address that is shown; a step to a place within it (the skip link) shows nothing new. */
let shown = "";

/** Begins to listen; `show({view, id, query, isSamePath})` is called for the address now and after each change. */
export function start(show) {
  let before = null;
  render = () => {
    const path = location.pathname.replace(/\/+$/, "") || "/";
    const isSamePath = before === path;
    before = path;
    shown = location.pathname + location.search;
    show({ ...match(path), query: new URLSearchParams(location.search), isSamePath });
  };
  addEventListener("popstate", () => {
    if (shown !== location.pathname + location.search) render();
  });
  document.addEventListener("click", onClick);
  render();
}

function match(path) {
  for (const [pattern, view] of VIEWS) {
    const found = pattern.exec(path);
    if (found) return { view, id: found[1] === undefined ? null : decode(found[1]) };
  }
  return { view: "missing", id: null };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Goes to an address of this page. */
export function go(url, { replace = false, state = null } = {}) {
  if (replace) history.replaceState(state ?? history.state, "", url);
  else history.pushState(state, "", url);
  render();
}

/** Shows the same address anew. */
export function again() {
  render();
}

/** An address with its parameters; those that are empty are left out. */
export function link(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

function onClick(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || anchor.target || anchor.hasAttribute("download")) return;
  const url = new URL(anchor.href, location.href);
  if (url.origin !== location.origin || !VIEWS.some(([pattern]) => pattern.test(url.pathname))) return;
  if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
  event.preventDefault();
  go(url.pathname + url.search);
}
