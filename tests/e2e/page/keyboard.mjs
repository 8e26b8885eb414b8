// All of it without a pointer: skip link, navigation, a row, a menu, and a focus that can be seen.

import { Tab, assert, until } from "./support.mjs";

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
  await until("a service by tab", async () => {
    await page.keyboard.press("Tab");
    at = await focused();
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
  await tab.close();
}
