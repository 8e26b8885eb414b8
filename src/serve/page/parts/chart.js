// A chart with a hand on it: readout under the pointer, zoom by dragging or by keys, downloads.

import { drawing } from "../api.js";
import { h, put, say, unique } from "../dom.js";
import * as format from "../format.js";
import { t } from "../i18n.js";
import { locale, zone } from "../settings.js";
import { geometry, parse } from "./drawing.js";
import { chartFiles, downloads } from "./downloads.js";
import { expectedText } from "./estimates.js";
import { problem } from "./states.js";

/** Width in pixels below which a chart is drawn for a phone. */
const NARROW_PX = 560;
/** Pixels that a drag must reach before it is one. */
const LEAST_DRAG_PX = 6;

/**
 * Makes a chart.
 *  - `title`, `unit`: what stands above it;
 *  - `path`, `parameters`: where the server draws it (below /api/v1, without ending);
 *  - `counted`: what a bin counts (`authors`, `posts`, `clusters`, `complaints`);
 *  - `series`: function that gives `{bin_secs, points, expected}` or `null` for the readout;
 *  - `onZoom(from, to)`, `onZoomOut()`: epoch seconds; `isZoomed` shows the way out;
 *  - `legend`: keys of what is drawn; `files`: more downloads; `signal` ends it.
 */
export function chart(options) {
  const { title, unit, signal } = options;
  const help = unique("help");
  const place = h("div", { class: "drawing" });
  const band = h("div", { class: "band", hidden: true });
  const line = h("div", { class: "cursor", hidden: true });
  const readout = h("output", { class: "readout", "aria-live": "off" }, t("chart.hint"));
  const out = h("button", { type: "button", class: "quiet", hidden: !options.isZoomed, onclick: () => options.onZoomOut() }, t("chart.zoomOut"));
  const stage = h("div", {
    class: "stage", tabindex: "0", role: "application", "aria-label": t("chart.label", { title }), "aria-describedby": help,
  }, place, band, line);
  const menu = h("div", { class: "menus" });
  const figure = h("figure", { class: "chart-figure" },
    h("figcaption", {}, h("span", { class: "title" }, title), h("span", { class: "unit" }, unit), menu),
    stage,
    h("div", { class: "under" }, readout, out),
    legend(options.legend ?? []),
    h("p", { id: help, class: "hidden" }, t("chart.help")));
  const hand = new Hand({ stage, place, band, line, readout, options });

  let size = null;
  async function draw() {
    size = stage.clientWidth < NARROW_PX ? "narrow" : "wide";
    try {
      const drawn = parse(await drawing(`${options.path}.svg`, { ...options.parameters, size, tz: zone(), locale: locale() }, signal));
      if (!drawn) throw new Error(t("chart.broken"));
      drawn.setAttribute("class", "chart");
      drawn.setAttribute("aria-hidden", "true");
      drawn.setAttribute("focusable", "false");
      put(place, drawn);
      hand.take(geometry(drawn));
    } catch (error) {
      if (error.name === "AbortError") return;
      put(place, problem(error, draw));
    }
  }
  put(menu, downloads(t("download.chart", { title }), chartFiles(options.path, options.parameters, options.files)));
  const watcher = new ResizeObserver(() => {
    const wanted = stage.clientWidth < NARROW_PX ? "narrow" : "wide";
    if (stage.clientWidth > 0 && wanted !== size) draw();
  });
  watcher.observe(stage);
  signal.addEventListener("abort", () => watcher.disconnect());
  return { element: figure, draw };
}

function legend(keys) {
  return h("ul", { class: "legend", "aria-label": t("legend.label") },
    keys.map((key) => h("li", {}, h("span", { class: `key ${key}` }), t(`legend.${key}`))));
}

/** Pointer and keys over one chart. */
class Hand {
  constructor({ stage, place, band, line, readout, options }) {
    Object.assign(this, { stage, place, band, line, readout, options });
    this.plot = null;
    this.cursor = null;
    this.anchor = null;
    this.pressed = null;
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.up(event));
    stage.addEventListener("pointercancel", () => this.drop());
    // A finger leaves as it lifts: what it pointed at stays to be read, until something else is touched.
    stage.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && !this.pressed && !this.isByKeys && this.hide());
    stage.addEventListener("dblclick", () => options.onZoomOut());
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("blur", () => this.hide());
  }

  take(plot) {
    this.plot = plot;
    // A new drawing leaves the mark, and a stretch that is being chosen, where the hand has them.
    const isThere = plot && this.cursor !== null && plot.from <= this.cursor && this.cursor <= plot.to;
    if (isThere) this.show(this.cursor);
    else this.drop();
  }

  /** The moment under a pointer, in epoch seconds. */
  timeAt(event) {
    const box = this.place.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.plot.boxWidth;
    const fraction = Math.min(Math.max((x - this.plot.left) / this.plot.width, 0), 1);
    return this.plot.from + fraction * (this.plot.to - this.plot.from);
  }

  /** Where a moment lies, in percent of the drawing's width. */
  percentOf(time) {
    const fraction = (time - this.plot.from) / (this.plot.to - this.plot.from);
    return ((this.plot.left + fraction * this.plot.width) / this.plot.boxWidth) * 100;
  }

  down(event) {
    if (!this.plot || event.button !== 0) return;
    this.isByKeys = false;
    this.pressed = { x: event.clientX, time: this.timeAt(event), isDrag: false };
    // A finger that only taps never moves.
    this.show(this.pressed.time);
  }

  move(event) {
    if (!this.plot) return;
    this.isByKeys = false;
    const time = this.timeAt(event);
    if (this.pressed && (this.pressed.isDrag || Math.abs(event.clientX - this.pressed.x) > LEAST_DRAG_PX)) {
      if (!this.pressed.isDrag) this.stage.setPointerCapture(event.pointerId);
      this.pressed.isDrag = true;
      this.anchor = this.pressed.time;
    }
    this.show(time);
  }

  up() {
    const wasDrag = this.pressed?.isDrag;
    this.pressed = null;
    if (wasDrag) this.zoom();
  }

  zoom() {
    const [from, to] = [Math.min(this.anchor, this.cursor), Math.max(this.anchor, this.cursor)];
    this.drop();
    const bin = this.options.series?.()?.bin_secs ?? 60;
    // A stretch of less than a few bins shows nothing.
    const missing = Math.max(0, 4 * bin - (to - from)) / 2;
    this.options.onZoom(Math.floor(from - missing), Math.ceil(to + missing));
  }

  key(event) {
    if (!this.plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const bin = this.options.series?.()?.bin_secs ?? (this.plot.to - this.plot.from) / 100;
    const step = Math.max(bin, (this.plot.to - this.plot.from) / 200);
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 };
    const start = this.cursor ?? (this.plot.from + this.plot.to) / 2;
    let next = null;
    if (event.key in steps) next = start + steps[event.key] * step;
    else if (event.key === "Home") next = this.plot.from;
    else if (event.key === "End") next = this.plot.to;
    else if (event.key === "Enter" || event.key === " ") {
      if (this.anchor !== null && this.anchor !== this.cursor) this.zoom();
      else this.anchor = start;
    } else if (event.key === "Escape") {
      if (this.anchor !== null) this.drop();
      else this.options.onZoomOut();
    } else return;
    event.preventDefault();
    this.isByKeys = true;
    if (next === null && this.cursor === null) next = start;
    if (next !== null) {
      if (event.shiftKey && this.anchor === null) this.anchor = start;
      this.show(Math.min(Math.max(next, this.plot.from), this.plot.to));
    }
  }

  show(time) {
    this.cursor = time;
    this.line.hidden = false;
    this.line.style.left = `${this.percentOf(time)}%`;
    this.band.hidden = this.anchor === null;
    if (this.anchor !== null) {
      const [low, high] = [Math.min(this.anchor, time), Math.max(this.anchor, time)];
      this.band.style.left = `${this.percentOf(low)}%`;
      this.band.style.width = `${this.percentOf(high) - this.percentOf(low)}%`;
    }
    // A pointer would flood a screen reader; keys move one step at a time.
    this.readout.setAttribute("aria-live", this.isByKeys ? "polite" : "off");
    say(this.readout, this.words(time));
  }

  words(time) {
    if (this.anchor !== null) {
      const [from, to] = [Math.min(this.anchor, time) * 1000, Math.max(this.anchor, time) * 1000];
      return t("chart.selection", { from: format.moment(from), to: format.near(to, from) });
    }
    const series = this.options.series?.();
    const at = { time: format.moment(time * 1000), zone: format.zoneName() };
    if (!series?.points?.length) return t("chart.at", at);
    const start = Date.parse(series.points[0][0]) / 1000;
    const place = Math.floor((time - start) / series.bin_secs);
    const point = series.points[Math.min(place, series.points.length - 1)];
    if (place < 0 || !point) return t("chart.at", at);
    const from = { time: format.moment(point[0]), zone: format.zoneName(), width: format.width(series.bin_secs) };
    if (point[1] === null) return t("chart.missing", from);
    const minutes = series.bin_secs / 60;
    const expected = series.expected?.[Math.min(place, series.points.length - 1)];
    const words = { ...from, n: point[1], rate: format.rate(point[1] / minutes) };
    return expected === undefined || expected === null
      ? t(`chart.value.${this.options.counted}`, words)
      : t(`chart.value.${this.options.counted}`, words) + t("list.comma") + t("chart.expected", { rate: expectedText(expected / minutes, series.expected_factor) });
  }

  drop() {
    this.anchor = null;
    this.pressed = null;
    this.band.hidden = true;
  }

  hide() {
    this.drop();
    this.cursor = null;
    this.line.hidden = true;
    say(this.readout, t("chart.hint"));
  }
}
