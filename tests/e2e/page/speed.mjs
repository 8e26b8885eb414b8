// First paint of the overview, when its rows are there, and what the page weighs with all of them.

import { ARCHIVE, DESKTOP, assert } from "./support.mjs";

const RUNS = 5;
/** Longest time to the first paint, and to the rows from a debug build on a busy machine, in milliseconds. */
const PAINT_MS = 1000;
const ROWS_MS = 10_000;

export async function run(browser) {
  const [paints, rows, all] = [[], [], []];
  let weight = 0;
  let files = 0;
  for (let index = 0; index < RUNS; index += 1) {
    // A new context has an empty cache.
    const context = await browser.newContext(DESKTOP);
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    [weight, files] = [0, 0];
    session.on("Network.loadingFinished", ({ encodedDataLength }) => {
      weight += encodedDataLength;
      files += 1;
    });
    await page.goto(ARCHIVE);
    await page.waitForSelector("tbody.loud tr");
    rows.push(await page.evaluate(() => performance.now()));
    await page.waitForSelector("tbody.quiet tr:nth-child(2)");
    all.push(await page.evaluate(() => performance.now()));
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
    await page.waitForTimeout(500);
    await context.close();
  }
  const middle = (list) => Math.round([...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]);
  const told = `first paint ${middle(paints)} ms, first rows ${middle(rows)} ms, every service ${middle(all)} ms (medians of ${RUNS}, empty cache); ${files} files, ${(weight / 1024).toFixed(0)} KiB over the wire, charts and data included`;
  assert.ok(middle(paints) < PAINT_MS, told);
  assert.ok(middle(rows) < ROWS_MS, told);
  return told;
}
