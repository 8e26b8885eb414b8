// Elements from code alone: text is always text, so that nothing a post says can become markup.

/** Makes an element. Attributes that are null, undefined or false are left out; `on…` keys are listeners. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, attributes);
  element.append(...nodes(children));
  return element;
}

/** As `h`, for SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes);
  element.append(...nodes(children));
  return element;
}

function fill(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.setAttribute("class", value);
    else if (name in element && (name === "value" || name === "checked" || name === "selected")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Flat list of nodes and texts; nothing of null, undefined and false. */
export function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Puts children in the place of those that are there. */
export function put(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

/** What tells an element from others of its kind, also when all of them are made anew. */
function keyOf(element) {
  const within = element.closest("[data-key]")?.dataset.key ?? "";
  if (element.dataset.key) return `${element.localName} ${within}`;
  const own = element.localName === "details" ? element.querySelector("summary") ?? element : element;
  const names = [own.id, ...["href", "name", "aria-label"].map((name) => own.getAttribute(name))];
  // A heading is the same whatever it says now.
  const words = own.localName === "h1" ? "" : own.textContent;
  return `${element.localName} ${within} ${names.find(Boolean) ?? words}`;
}

/** Calls `change`, which may put new elements in a place: the focus, and what is open, stay with what is the same there. */
export function kept(place, change) {
  const alike = (name, key) => [...place.querySelectorAll(name)].filter((other) => keyOf(other) === key);
  const remember = (element) => {
    const key = keyOf(element);
    const at = alike(element.localName, key).indexOf(element);
    return () => (element.isConnected ? element : alike(element.localName, key)[at]);
  };
  const active = document.activeElement;
  const focused = active !== place && place.contains(active) ? remember(active) : null;
  const open = [...place.querySelectorAll("details[open]")].map(remember);
  change();
  for (const find of open) find()?.setAttribute("open", "");
  const now = focused?.();
  if (now && now !== document.activeElement) now.focus({ preventScroll: true });
}

/** Changes a text only where it differs: a screen reader and a selection are left alone otherwise. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let counter = 0;

/** An id that nothing else on the page has. */
export function unique(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** Tells a screen reader something once. */
export function announce(text) {
  const place = document.getElementById("announcer");
  if (place) place.textContent = text;
}
