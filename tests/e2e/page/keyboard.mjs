// All of it without a pointer: skip link, navigation, a row, a menu, and a focus that can be seen.

import { ARCHIVE, Tab, assert, until } from "./support.mjs";

export async function run(browser) {
  const tab = await Tab.open(browser);
  const { page } = tab;
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return { text: element.textContent.trim().slice(0, 60), tag: element.tagName, id: element.id, href: element.getAttribute("href"), isSeen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, inMain: Boolean(element.closest("main")) };
  });
  await tab.goto("/");
  await page.keyboard.press("Tab");
  const skip = await focused();
  assert.equal(skip.id, "skip");
  const box = await page.locator("#skip").boundingBox();
  assert.ok(box.y >= 0, "the skip link shows itself");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  // From the content to the first service, each stop with a focus that can be seen.
  let at;
  let numLost = 0;
  await until("a service by tab", async () => {
    await page.keyboard.press("Tab");
    at = await focused();
    // On a slow machine the page may be drawn anew between two stops, once: the next one begins at its top.
    if (at.tag === "BODY" && numLost++ === 0) return false;
    assert.ok(at.isSeen, `no visible focus on ${at.tag} ${at.text}`);
    return at.href?.startsWith("/incidents/");
  });
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/incidents\/./);
  await tab.ready();
  await until("focus on the heading", async () => (await focused()).tag === "H1");

  // The download menu opens and closes, and gives the focus back.
  await page.locator(".chart-figure .menu summary").first().focus();
  await page.keyboard.press("Enter");
  assert.ok(await page.locator(".chart-figure .menu[open]").isVisible());
  await page.keyboard.press("Tab");
  assert.equal((await focused()).text, "SVG");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".chart-figure .menu[open]").count(), 0);
  assert.equal((await focused()).tag, "SUMMARY");
  await page.goBack();
  await page.waitForURL((url) => url.pathname === "/");

  // Services of which nothing is told are asked for by a button, and have their rows too.
  await tab.ready();
  const rows = () => page.locator("tbody tr").count();
  const few = await rows();
  const { services } = await (await fetch(`${ARCHIVE}/api/v1/services`)).json();
  const toggle = page.locator("button.quiet");
  assert.ok((await toggle.innerText()).includes(String(services.length - few)), await toggle.innerText());
  await toggle.focus();
  await page.keyboard.press("Enter");
  await until("every service", async () => (await rows()) === services.length);
  assert.match(await page.locator("tbody tr").last().innerText(), /quiet/i);
  await page.locator("tbody tr").last().scrollIntoViewIfNeeded();
  await until("its course", () => page.locator("tbody tr").last().locator(".spark-chart").isVisible());
  assert.deepEqual(await tab.axe(), []);
  await toggle.focus();
  await page.keyboard.press("Enter");
  await until("few again", async () => (await rows()) === few);
  await tab.close();
}
