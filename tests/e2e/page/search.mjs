// The burst query by hand: words, filters, pages, the address that holds it all, and a query that is wrong.

import { Tab, assert, until } from "./support.mjs";

export async function run(browser) {
  const tab = await Tab.open(browser, { expected: /status of 400/ });
  const { page } = tab;
  await tab.goto("/query");
  const q = page.locator("input[name=q]");
  await q.fill("zap caiu");
  await q.press("Enter");
  await page.waitForURL(/q=zap\+caiu/);
  // What was found before stands there until the answer comes.
  await until("posts with the words", async () => /zap/i.test(await page.locator(".post:has(mark)").first().innerText()));

  // A filter writes itself into the query, and the query shows itself in the filter.
  await page.locator("select[name=down]").selectOption("whatsapp");
  await page.waitForURL(/down%3Awhatsapp/);
  assert.equal(await q.inputValue(), "zap caiu down:whatsapp");
  await page.locator("select[name=kind]").selectOption("complaint");
  await page.waitForURL(/kind%3Acomplaint/);
  await page.locator("select[name=down]").selectOption("");
  await page.waitForURL((url) => !url.search.includes("down"));
  assert.equal(await q.inputValue(), "zap caiu kind:complaint");
  await page.goBack();
  await until("back", async () => (await q.inputValue()) === "zap caiu down:whatsapp kind:complaint");

  // Width of a bin, what is counted and the order stand in the address too.
  await page.locator("select[name=bin]").selectOption("1h");
  await page.waitForURL(/bin=1h/);
  await page.locator("select[name=per]").selectOption("posts");
  await page.waitForURL(/per=posts/);
  await tab.ready();
  await page.locator(".section-head select").selectOption("oldest");
  await page.waitForURL(/sort=oldest/);

  // The address alone shows the same again.
  const address = page.url();
  await tab.ready();
  await page.waitForSelector(".post");
  const before = await page.locator("#title-posts").innerText();
  const other = await Tab.open(browser);
  await other.page.goto(address);
  await other.ready();
  await other.page.waitForSelector(".post");
  assert.equal(await other.page.locator("#title-posts").innerText(), before);
  assert.equal(await other.page.locator("input[name=q]").inputValue(), "zap caiu down:whatsapp kind:complaint");
  for (const [name, value] of [["bin", "1h"], ["per", "posts"]]) assert.equal(await other.page.locator(`select[name=${name}]`).inputValue(), value);
  assert.equal(await other.page.locator(".section-head select").inputValue(), "oldest");
  assert.equal(await other.page.locator(".post .text").first().innerText(), await page.locator(".post .text").first().innerText());
  await other.close();

  // Pages go forward by link and back by the browser.
  await tab.goto("/query?q=kind%3Acomplaint&sort=oldest");
  await page.waitForSelector(".post");
  const first = await page.locator(".post .text").first().innerText();
  await page.locator(".pages a[rel=next]").click();
  await page.waitForURL(/cursor=/);
  await until("the next page", async () => (await page.locator(".post .text").first().innerText()) !== first);
  await page.goBack();
  await until("the first page", async () => (await page.locator(".post .text").first().innerText().catch(() => "")) === first);
  assert.ok(await page.locator("#title-bursts").isVisible(), "bursts are listed");

  // What is wrong is pointed at, and can be mended.
  await q.fill("zap (caiu");
  await q.press("Enter");
  await page.waitForSelector(".wrong:not(:empty)");
  assert.equal(await q.getAttribute("aria-invalid"), "true");
  await q.fill("zap OR caiu");
  await q.press("Enter");
  await page.waitForSelector(".post");
  assert.equal(await q.getAttribute("aria-invalid"), null);

  // Nothing found says so, with a remedy.
  await q.fill("xyzzyqqq");
  await q.press("Enter");
  await until("nothing found", () => page.locator("section:has(#title-posts) .empty").isVisible());
  await tab.shot("query-empty");
  await tab.close();
}
