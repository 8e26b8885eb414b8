// Each view in each language, light and dark, wide and narrow: no serious fault of access, nothing wider than the screen.

import { PHONE, Tab, assert, views } from "./support.mjs";

const MODES = [
  { name: "en", locale: "en" }, { name: "pt", locale: "pt" }, { name: "ar", locale: "ar" },
  { name: "en-dark", locale: "en", dark: true }, { name: "pt-dark", locale: "pt", dark: true }, { name: "ar-dark", locale: "ar", dark: true },
  { name: "en-phone", locale: "en", ...PHONE }, { name: "ar-phone-dark", locale: "ar", dark: true, ...PHONE },
  { name: "pt-320", locale: "pt", ...PHONE, viewport: { width: 320, height: 640 } },
];

/** Something in the chart that has a color of the page. */
const drawnIn = (color) => `.chart :is([stroke*="--${color}"], [fill*="--${color}"])`;

/** What an incident page is for: each part is there, and what is estimated has its interval beside it. */
const PARTS_OF_INCIDENT = {
  "the series": drawnIn("observed"), "its baseline": drawnIn("expected"), "the onset": drawnIn("onset"), "the end": drawnIn("end"),
  "moves as flows": "svg.flow .stream", "evidence in quotes": ".posts mark.evidence", "revisions": ".revisions > li",
  "coverage": "svg.strip .listening", "an interval of a share": "table.bars .interval", "an interval of the onset": ".figures .interval",
};

export const steps = MODES.map(({ name, ...options }) => ({ name, run: (reader) => look(reader, name, options) }));

async function look(reader, mode, options) {
  const faults = [];
  const tab = await Tab.open(reader, options);
  for (const [view, address] of Object.entries(await views())) {
    await tab.goto(address);
    if (view !== "feeds" && view !== "about" && view !== "incidents") await tab.drawn();
    if (view === "incident") {
      for (const [part, selector] of Object.entries(PARTS_OF_INCIDENT)) {
        if ((await tab.page.locator(selector).count()) === 0) faults.push(`${view}: ${part} is missing (${selector})`);
      }
    }
    const wide = await tab.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) faults.push(`${view}: ${wide} px wider than the screen`);
    const unknown = await tab.page.evaluate(() => /\{\w+\}|undefined|NaN|Invalid Date|\[object/.exec(document.body.innerText)?.[0]);
    if (unknown) faults.push(`${view}: says ${unknown}`);
    for (const fault of await tab.axe()) faults.push(`${view}: ${fault}`);
    await tab.shot(`${mode}-${view}`);
  }
  assert.deepEqual(faults, []);
  await tab.close();
  return "axe-core finds nothing serious";
}
