// A table of the page as a picture that stands alone: its columns, its title, where it comes from; on light paper.

import { svg } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import * as names from "../names.js";
import { lines, natural, read, ruler } from "./cells.js";
import { literal, onLight, pngOf } from "./picture.js";

/** Sizes in units of the picture, which are pixels of the page. */
const LETTERS = 14;
const TITLE = 17;
const SMALL = 12;
const LINE = 20;
const EDGE = 24;
const BETWEEN = 20;
const ROW = 6;
/** Widest column of words, least width that a heading asks for, and least width of the whole. */
const COLUMN = 300;
const HEADING = 120;
const LEAST = 420;
/** How wide drawings in cells are, by their class; they are as high as on the page. */
const DRAWINGS = { "spark-chart": 160, strip: 160, bar: 120 };

/** Files of a table, or of a list of figures, that stands on the page: `find()` gives it at the click, when `before()` is done. */
export function pictureFiles(title, name, find, before = () => {}) {
  const drawn = async () => {
    await before();
    return onLight(() => draw(find(), title));
  };
  return [
    { label: "SVG", name: `${name}.svg`, make: async () => new Blob([(await drawn()).text], { type: "image/svg+xml" }) },
    { label: "PNG", name: `${name}.png`, make: async () => {
      const { text, width, height } = await drawn();
      return pngOf(text, width, height);
    } },
  ];
}

/** Rows of cells, the first one of headings where there are any; those that are folded away are not there. */
function rowsOf(element) {
  const cell = (node, isHead) => ({ node, isHead, isNumber: node.classList.contains("number"), span: node.colSpan ?? 1 });
  if (element.localName === "dl") return [...element.children].map((pair) => [...pair.children].map((node) => cell(node, false)));
  const [head, ...bodies] = [element.tHead, ...element.tBodies];
  const isShown = (row) => getComputedStyle(row).display !== "none";
  return [[...head.rows[0].cells].map((node) => cell(node, true)),
    ...bodies.flatMap((body) => [...body.rows]).filter(isShown).map((row) => [...row.cells].map((node) => cell(node, false)))];
}

/** Draws it; gives the text of the SVG and its size. */
function draw(element, title) {
  const page = getComputedStyle(document.documentElement);
  const [paper, ink, muted, rule, alarm] = ["card", "ink", "muted", "rule", "alarm"].map((name) => page.getPropertyValue(`--${name}`).trim());
  const family = getComputedStyle(document.body).fontFamily;
  const isRightToLeft = document.documentElement.dir === "rtl";
  const measure = ruler(family, LETTERS);
  const rows = rowsOf(element).map((cells) => cells.map((cell) => ({ ...cell, ...read(cell.node, ink) })));
  const widths = columnWidths(rows, measure);
  const inner = Math.max(widths.reduce((sum, width) => sum + width, 0) + BETWEEN * (widths.length - 1), LEAST);
  const width = Math.ceil(inner + 2 * EDGE);
  const parts = [];
  let y = EDGE;
  // Places are counted from where a line of this language begins.
  const x = (along) => (isRightToLeft ? width - along : along);
  const rect = (along, wide) => (isRightToLeft ? width - along - wide : along);
  const write = (line, along, anchor, size = LETTERS) => parts.push(svg("text", { x: x(along).toFixed(1), y: (y + size).toFixed(1), "text-anchor": anchor, "font-size": size },
    line.map(({ text, color, isBold }) => svg("tspan", { fill: color, "font-weight": isBold ? 600 : null }, text))));
  const paragraph = (text, size, color, isBold) => {
    const words = text.split(" ").map((each) => ({ text: each, color, isBold, isSpaced: true }));
    for (const line of lines(words, inner, ruler(family, size))) {
      write(line, EDGE, "start", size);
      y += size * 1.4;
    }
  };
  paragraph(title, TITLE, ink, true);
  y += ROW;
  for (const cells of rows) {
    const top = y + ROW;
    const laid = lay(cells, widths, measure);
    for (const { along, wide, cell, broken } of laid) {
      y = top;
      for (const line of broken) {
        write(line, EDGE + along + (cell.isNumber ? wide : 0), cell.isNumber ? "end" : "start");
        y += LINE;
      }
      for (const drawing of cell.drawings) {
        const [drawnWidth, drawnHeight] = sizeOf(drawing);
        parts.push(placed(drawing, rect(EDGE + along, drawnWidth), y + 3, drawnWidth, drawnHeight));
        y += drawnHeight + ROW;
      }
    }
    y = top + Math.max(...laid.map(heightOf)) + ROW;
    parts.push(svg("line", { x1: EDGE, x2: width - EDGE, y1: y.toFixed(1), y2: y.toFixed(1), stroke: rule }));
  }
  y += 2 * ROW;
  if (names.about()?.simulated) paragraph(t("simulated.short"), SMALL, alarm, true);
  paragraph(t("picture.source", { program: `caiu ${names.about()?.version ?? ""}`.trim(), address: location.href, time: format.moment(Date.now()), zone: format.zoneName() }), SMALL, muted, false);
  const height = Math.ceil(y + EDGE - ROW);
  const whole = svg("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, direction: isRightToLeft ? "rtl" : "ltr", "font-family": family,
    "xml:lang": document.documentElement.lang,
  }, svg("title", {}, title), svg("rect", { width, height, fill: paper }), parts);
  return { text: new XMLSerializer().serializeToString(whole), width, height };
}

/** A width for each column: that of its widest cell, up to a measure from which its words are broken into lines. */
function columnWidths(rows, measure) {
  const widths = [];
  for (const cells of rows) {
    let column = 0;
    for (const { words, drawings, isHead, span } of cells) {
      if (span === 1) {
        const wanted = Math.min(natural(words, measure) + 1, isHead ? HEADING : COLUMN);
        const least = isHead ? Math.max(...words.map((word) => (word ? measure(word) + 1 : 0)), 0) : Math.max(...drawings.map((each) => sizeOf(each)[0]), 0);
        widths[column] = Math.ceil(Math.max(widths[column] ?? 0, wanted, least));
      }
      column += span;
    }
  }
  return Array.from(widths, (width) => width ?? 0);
}

/** Cells with their place along the row and their lines. */
function lay(cells, widths, measure) {
  let column = 0;
  return cells.map((cell) => {
    const along = widths.slice(0, column).reduce((sum, width) => sum + width + BETWEEN, 0);
    const wide = widths.slice(column, column + cell.span).reduce((sum, width) => sum + width + BETWEEN, -BETWEEN);
    column += cell.span;
    return { along, wide, cell, broken: lines(cell.words, wide, measure) };
  });
}

function heightOf({ broken, cell }) {
  return Math.max(broken.length * LINE + cell.drawings.reduce((sum, each) => sum + sizeOf(each)[1] + ROW, 0), LINE);
}

function sizeOf(drawing) {
  const name = Object.keys(DRAWINGS).find((each) => drawing.classList.contains(each));
  return [DRAWINGS[name] ?? 160, drawing.getBoundingClientRect().height || LINE];
}

/** A drawing at its place, turned around where the page does so. */
function placed(drawing, left, top, width, height) {
  const copy = literal(drawing);
  for (const name of ["role", "aria-label", "aria-hidden", "focusable", "direction"]) copy.removeAttribute(name);
  for (const [name, value] of Object.entries({ x: 0, y: 0, width, height })) copy.setAttribute(name, value);
  const isTurned = getComputedStyle(drawing).transform.startsWith("matrix(-1");
  const transform = isTurned ? `translate(${(left + width).toFixed(1)} ${top.toFixed(1)}) scale(-1 1)` : `translate(${left.toFixed(1)} ${top.toFixed(1)})`;
  return svg("g", { transform }, copy);
}
