// A hand on the chart: mouse, touch and keys zoom in and out, and the value under the pointer is said.

import { PHONE, Tab, assert, until, views } from "./support.mjs";

const span = (url) => {
  const { searchParams } = new URL(url);
  return searchParams.has("from") ? Date.parse(searchParams.get("to")) - Date.parse(searchParams.get("from")) : null;
};

export async function run(browser) {
  await byMouse(browser);
  await byKeys(browser);
  await byTouch(browser);
}

/** Which stretch the chart shows, as it says itself. */
const shown = (page) => page.evaluate(() => document.querySelector(".chart")?.dataset.from ?? null);

/** Waits for the chart of another stretch: a drag over the old one would end with it. */
const redrawn = (page, before) => until("another chart", async () => ![null, before].includes(await shown(page)));

async function stageOf(tab, address) {
  await tab.goto(address);
  await tab.drawn();
  const stage = tab.page.locator(".stage").first();
  await stage.scrollIntoViewIfNeeded();
  return { stage, box: await stage.boundingBox() };
}

async function byMouse(browser) {
  const tab = await Tab.open(browser);
  const { page } = tab;
  const { box, stage } = await stageOf(tab, (await views()).query);
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5);
  await until("the readout", async () => /\d\d:\d\d UTC.*\d/.test(await page.locator(".readout").innerText()));
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.45, box.y + box.height * 0.5, { steps: 5 });
  assert.ok(await page.locator(".band").isVisible(), "the stretch is marked");
  const whole = await shown(page);
  await page.mouse.up();
  await page.waitForURL(/from=/);
  const first = span(page.url());
  await redrawn(page, whole);
  const once = await shown(page);
  const again = await stage.boundingBox();
  await page.mouse.move(again.x + again.width * 0.4, again.y + 60);
  await page.mouse.down();
  await page.mouse.move(again.x + again.width * 0.6, again.y + 60, { steps: 5 });
  await page.mouse.up();
  await until("the second zoom", () => span(page.url()) < first);
  assert.ok(span(page.url()) < first * 0.5, `${span(page.url())} of ${first}`);
  await redrawn(page, once);
  const twice = await shown(page);
  await page.goBack();
  await until("back to the first zoom", () => span(page.url()) === first);
  await redrawn(page, twice);
  await page.locator(".stage").first().dblclick();
  await until("all of it", () => span(page.url()) === null);
  await tab.close();
}

async function byKeys(browser) {
  const tab = await Tab.open(browser);
  const { page } = tab;
  const { stage } = await stageOf(tab, (await views()).incident);
  await stage.focus();
  await page.keyboard.press("ArrowRight");
  await until("the readout", async () => /UTC/.test(await page.locator(".readout").innerText()));
  assert.equal(await page.locator(".readout").getAttribute("aria-live"), "polite");
  await page.keyboard.press("Enter");
  for (let index = 0; index < 3; index += 1) await page.keyboard.press("PageUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(/from=/);
  assert.ok(span(page.url()) > 0);
  await tab.drawn();
  await until("the focus on the new chart", () => page.evaluate(() => document.activeElement.classList.contains("stage") && document.activeElement.isConnected));
  await page.keyboard.press("Escape");
  await until("all of it", () => span(page.url()) === null);
  await tab.close();
}

async function byTouch(browser) {
  const tab = await Tab.open(browser, PHONE);
  const { page } = tab;
  const { box } = await stageOf(tab, (await views()).incident);
  const session = await tab.context.newCDPSession(page);
  const touch = (type, share) => session.send("Input.dispatchTouchEvent", {
    type, touchPoints: share === null ? [] : [{ x: box.x + box.width * share, y: box.y + box.height / 2 }],
  });
  // What a finger pointed at stays to be read when it is lifted.
  await touch("touchStart", 0.5);
  await touch("touchEnd", null);
  await until("the readout of a tap", async () => /\d\d:\d\d UTC.*\d/.test(await page.locator(".readout").innerText()));
  await page.waitForTimeout(400);
  assert.match(await page.locator(".readout").innerText(), /\d\d:\d\d UTC.*\d/);
  await touch("touchStart", 0.4);
  for (const share of [0.45, 0.5, 0.55, 0.6, 0.7]) await touch("touchMove", share);
  await touch("touchEnd", null);
  await page.waitForURL(/from=/);
  assert.ok(span(page.url()) > 0);
  await page.locator(".under button").click();
  await until("all of it", () => span(page.url()) === null);
  await tab.close();
}
