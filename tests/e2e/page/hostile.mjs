// Posts that want to be more than text: they stay text.

import { Tab, assert, until } from "./support.mjs";

export async function run(browser) {
  const tab = await Tab.open(browser);
  const { page } = tab;
  await tab.goto("/query?q=platform%3Ahostile&sort=oldest");
  await page.waitForSelector(".post");
  // Time for whatever might run to run.
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined, "no script of a post ran");
  const shown = await page.locator(".posts").innerText();
  for (const text of ["<script>", "onerror=", "</bdi>", "{{7*7}}"]) assert.ok(shown.includes(text), `${text} is shown as it was written`);
  assert.equal(await page.locator(".post img, .post script, .post iframe, .post svg, .post a").count(), 0, "no element came of a text, no link is live");

  // Characters that turn the direction are shown as such, and what stands outside is not turned.
  assert.ok(!/[\u202A-\u202E\u2066-\u2069]/.test(await page.locator(".posts").evaluate((posts) => posts.textContent)));
  assert.equal(await page.locator(".post bdi.text[dir=auto]").count(), await page.locator(".post .text").count());

  // Addresses: those of the web are shown first and are links then; others are nothing.
  const buttons = page.getByRole("button", { name: "Show address" });
  assert.equal(await buttons.count(), 1, "one post has an address of the web");
  await buttons.first().click();
  const link = page.locator(".address a");
  assert.equal(await link.getAttribute("href"), "https://example.org/post?a=1&b=%22%3E");
  for (const word of ["noreferrer", "noopener", "nofollow"]) assert.ok((await link.getAttribute("rel")).includes(word));
  assert.equal(await page.locator("[href^='javascript' i], [href^='data' i]").count(), 0);

  // Evidence is marked inside the hostile text as well.
  assert.ok(await page.locator(".post mark.evidence").count() > 0, "evidence is marked");
  await tab.shot("hostile");

  // A hostile address of the page itself is text too.
  await tab.goto(`/query?q=${encodeURIComponent("\"<img src=x onerror=hacked=1>\"")}&tz=%3Cb%3E&bin=%22%3E`);
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.equal(await page.locator("main img").count(), 0);
  tab.faults = tab.faults.filter((fault) => !/status of 40\d/.test(fault));
  await tab.goto(`/incidents/${encodeURIComponent("<img src=x onerror=hacked=1>")}`);
  await until("no such incident", () => page.locator(".problem").isVisible());
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  tab.faults = tab.faults.filter((fault) => !/status of 40\d/.test(fault));
  await tab.close();
}
