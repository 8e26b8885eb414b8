// A chart that the server drew, made safe to stand in the page.

import { unique } from "../dom.js";

const ELEMENTS = new Set([
  "svg", "g", "path", "rect", "line", "polyline", "polygon", "circle", "ellipse", "text", "tspan", "title", "desc",
  "defs", "pattern", "clippath", "lineargradient", "stop",
]);

/** Parses an SVG and keeps shapes and texts only; `null` where it is none. Ids become unique on the page. */
export function parse(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.localName !== "svg" || parsed.querySelector("parsererror")) return null;
  const prefix = unique("drawing");
  clean(root, prefix);
  return document.importNode(root, true);
}

function clean(element, prefix) {
  for (const attribute of [...element.attributes]) {
    const name = attribute.name.toLowerCase();
    // What labels it is said by the page; ids that were named by it are others now.
    if (name.startsWith("on") || name.startsWith("aria-") || name === "style" || name.endsWith("href")) {
      element.removeAttribute(attribute.name);
    } else if (name === "id") {
      attribute.value = `${prefix}-${attribute.value}`;
    } else if (/url\(/i.test(attribute.value)) {
      const own = /^url\(#([\w.-]+)\)$/.exec(attribute.value);
      if (own) attribute.value = `url(#${prefix}-${own[1]})`;
      else element.removeAttribute(attribute.name);
    }
  }
  for (const child of [...element.children]) {
    if (ELEMENTS.has(child.localName.toLowerCase())) clean(child, prefix);
    else child.remove();
  }
}

/** Where the plot lies and which time it shows, as the drawing says itself; `null` where it does not. */
export function geometry(drawn) {
  const [from, to] = [Number(drawn.dataset.from), Number(drawn.dataset.to)];
  const plot = (drawn.dataset.plot ?? "").split(/\s+/).map(Number);
  const box = drawn.viewBox.baseVal;
  if (plot.length < 4 || plot.some(Number.isNaN) || !(to > from) || !(box?.width > 0)) return null;
  const [left, top, width, height] = plot;
  return { from, to, left, top, width, height, boxWidth: box.width, boxHeight: box.height };
}
