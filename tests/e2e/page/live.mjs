// An outage that is replayed while the page looks on: it appears, it is followed, it ends.

import { LIVE, Tab, assert, until } from "./support.mjs";

export async function run(browser) {
  const tab = await Tab.open(browser, { base: LIVE });
  const { page } = tab;
  await tab.goto("/");
  const row = page.locator("tbody tr", { has: page.locator("th a", { hasText: "WhatsApp" }) });
  await until("WhatsApp fails", async () => (await row.count()) > 0 && (await row.locator(".pill").innerText()) === "failing", 120);
  await page.waitForTimeout(500);
  await tab.shot("live-overview");
  assert.match(await page.locator(".headline").innerText(), /WhatsApp since/);
  assert.match(await page.locator("#announcer").innerText(), /WhatsApp/, "it is told to who cannot see");

  // Rows are updated in their place: the same element holds the next numbers.
  const before = await row.locator("td").nth(4).innerText();
  const element = await row.elementHandle();
  await until("more complaints", async () => (await row.locator("td").nth(4).innerText()) !== before, 60);
  assert.ok(await element.evaluate((node) => node.isConnected), "the row was not made anew");

  await row.locator("th a").click();
  await page.waitForURL(/incidents\/whatsapp/);
  await tab.ready();
  const revisions = () => page.locator(".revisions > li").count();
  await until("a first revision", async () => (await revisions()) > 0);
  await until("the end", async () => (await page.locator("h1 .pill").first().innerText()) === "over", 180);
  await until("the end among the revisions", async () => (await page.locator(".change.ended").count()) > 0, 20);
  assert.match(await page.locator(".headline").innerText(), /was (down|in trouble) from/);
  await tab.drawn();
  await tab.shot("live-incident");
  await tab.close();
}
