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

  // Services of which nobody complains have their rows too, are found by name, and fold away.
  await tab.ready();
  const { services } = await (await fetch(`${ARCHIVE}/api/v1/services`)).json();
  const shown = () => page.locator("tbody tr:not(.group):visible").count();
  await until("every service", async () => (await shown()) === services.length);
  const last = page.locator("tbody.quiet tr").last();
  assert.match(await last.innerText(), /quiet\s+–\s+0 \(expected/);
  assert.equal(await last.locator(".spark-chart .usual").count(), 1, "zero against what is expected");
  const fold = page.locator("button.fold");
  assert.match(await fold.innerText(), /^\d+ quiet services/);
  await page.locator("input[name=find]").focus();
  await page.keyboard.type("Tele");
  const wanted = services.filter(({ id, names }) => [id, ...Object.values(names)].some((name) => name.toLowerCase().includes("tele"))).length;
  await until("those that are called so", async () => (await shown()) === wanted);
  assert.equal(await page.locator(".filters [role=status]").innerText(), `${wanted} services found`);
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.press("Delete");
  await until("every service again", async () => (await shown()) === services.length);
  assert.deepEqual(await tab.axe(), []);
  await fold.focus();
  await page.keyboard.press("Enter");
  await until("they are folded away", async () => (await shown()) === (await page.locator("tbody.loud tr").count()));
  assert.equal(await fold.getAttribute("aria-expanded"), "false");
  await tab.close();
}
