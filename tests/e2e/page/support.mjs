// Chromium, its tabs, and what must hold in each of them: no request elsewhere, no error, nothing against the policy.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const env = (name) => {
  assert.ok(process.env[name], `${name} is not set; run cargo xtask e2e page`);
  return process.env[name];
};

const require = createRequire(`${env("CAIU_E2E_PAGE")}/`);
const { chromium } = require("playwright-core");
const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Servers: over an archive, over a file that grows, with a token; and the token. */
export const ARCHIVE = env("CAIU_E2E_ARCHIVE");
export const LIVE = env("CAIU_E2E_LIVE");
export const CLOSED = env("CAIU_E2E_CLOSED");
export const TOKEN = env("CAIU_E2E_TOKEN");
/** The file that grows, and what it is to hold in the end. */
export const POSTS = env("CAIU_E2E_POSTS");
export const REPLAY = env("CAIU_E2E_REPLAY");
/** Folder of the pictures: of every fault, and of each view where they are asked for. */
const SHOTS = env("CAIU_E2E_SHOTS");
const HAS_PICTURES = process.env.CAIU_E2E_PICTURES === "1";
/** Longest time that something may take to show itself, in seconds: a busy machine is no fault of the page. */
const PATIENCE_SECS = 90;

/** Addresses of all views of the archive; the incident is looked up. */
export async function views() {
  const { incidents } = await (await fetch(`${ARCHIVE}/api/v1/incidents?limit=100`)).json();
  const found = incidents.find(({ incident }) => incident.service === "whatsapp");
  assert.ok(found, "the archive has an incident of WhatsApp");
  return {
    overview: "/", incidents: "/incidents", incident: `/incidents/${found.incident.id}`,
    query: "/query?q=down%3Awhatsapp%20kind%3Acomplaint", feeds: "/feeds", about: "/about",
  };
}

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: env("CAIU_E2E_CHROMIUM"), args: FLAGS });

export const DESKTOP = { viewport: { width: 1280, height: 900 } };
export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** Who walks through one part: the tabs that it opened, for a look at them when something is wrong. */
export class Reader {
  constructor(browser, name) {
    Object.assign(this, { browser, name, contexts: [] });
  }

  async newContext(options) {
    const context = await this.browser.newContext(options);
    this.contexts.push(context);
    return context;
  }

  /** A picture of each tab that is still open. */
  async lookAtFault() {
    const pages = this.contexts.flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      const file = path.join(SHOTS, `FAULT-${this.name.replaceAll(" ", "-")}-${index}.png`);
      await page.screenshot({ path: file, fullPage: true }).then(() => console.log(`      ${file}`), () => {});
    }
  }

  async leave() {
    for (const context of this.contexts) await context.close().catch(() => {});
  }
}

/** A browser context with nothing in it. `expected` matches errors in the console that the part itself provokes. */
export class Tab {
  static async open(browser, { base = ARCHIVE, locale = "en", dark = false, expected = null, ...options } = {}) {
    const tab = new Tab();
    tab.base = base;
    tab.faults = [];
    tab.requests = [];
    tab.context = await browser.newContext({ ...DESKTOP, locale, colorScheme: dark ? "dark" : "light", timezoneId: "UTC", acceptDownloads: true, ...options });
    tab.page = await tab.context.newPage();
    tab.page.setDefaultTimeout(PATIENCE_SECS * 1000);
    tab.page.on("pageerror", (error) => tab.faults.push(`error on the page: ${error.message}`));
    tab.page.on("console", (message) => {
      const text = message.text();
      const isFault = message.type() === "error" || /content security policy/i.test(text);
      if (isFault && !expected?.test(text)) tab.faults.push(`console: ${text}`);
    });
    // Every request counts, also those that the policy stops.
    tab.context.on("request", (request) => {
      tab.requests.push(request.url());
      const url = new URL(request.url());
      if (url.protocol !== "blob:" && url.protocol !== "data:" && url.origin !== new URL(base).origin) {
        tab.faults.push(`a request left the origin: ${request.url()}`);
      }
    });
    tab.page.on("dialog", (dialog) => {
      tab.faults.push(`a dialog opened: ${dialog.message()}`);
      dialog.dismiss();
    });
    return tab;
  }

  async goto(address) {
    await this.page.goto(this.base + address);
    await this.ready();
  }

  /** Waits until the view stands. */
  async ready() {
    await this.page.waitForSelector("main:not([aria-busy]) h1");
    await this.page.waitForFunction(() => !document.querySelector("main .loading, main [aria-busy]"));
  }

  /** Waits until charts that can be seen are drawn. */
  async drawn() {
    await this.page.waitForSelector(".chart, .spark-chart");
    await this.page.waitForTimeout(250);
  }

  async axe() {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} (${failureSummary?.split("\n")[1]?.trim()})`).join(" | ")}`);
  }

  async shot(name) {
    if (HAS_PICTURES) await this.page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
  }

  /** Closes, after all that must hold was held. */
  async close() {
    await this.context.close();
    assert.deepEqual(this.faults, [], `faults at ${this.base}`);
  }
}

/** Waits until something holds; what it last gave is told if it never does. */
export async function until(what, check) {
  const end = Date.now() + PATIENCE_SECS * 1000;
  let last;
  for (;;) {
    last = await check();
    if (last) return last;
    assert.ok(Date.now() < end, `${what}: not within ${PATIENCE_SECS} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Saves what a click downloads and gives its name and bytes. */
export async function saved(page, click) {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
}

export { assert };
