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
