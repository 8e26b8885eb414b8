// A server with a token: the page asks for it, sends it with everything, and keeps it in this tab only.

import { CLOSED, TOKEN, Tab, assert, saved, until } from "./support.mjs";

export async function run(browser) {
  const tab = await Tab.open(browser, { base: CLOSED, expected: /status of 401/ });
  const { page } = tab;
  await page.goto(CLOSED);
  await page.waitForSelector("input[name=token]");
  // A token that is missing is no connection that is lost.
  await page.waitForTimeout(500);
  assert.equal(await page.locator(".notice.lost").count(), 0);
  await tab.shot("token");
  assert.deepEqual(await tab.axe(), []);
  await page.locator("input[name=token]").fill("wrong-token-wrong-token");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".problem");
  await page.locator("input[name=token]").fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForSelector("tbody tr");
  await tab.drawn();
  await until("the stream with a token", async () => (await page.locator(".notice.lost").count()) === 0);

  // Files come with the token too, and no address holds it.
  const menu = page.locator(".table-menus .menu").first();
  await menu.locator("summary").click();
  assert.match((await saved(page, () => menu.getByText("CSV", { exact: true }).click())).bytes.toString(), /whatsapp/);
  await page.locator("tbody th a").first().click();
  await page.waitForURL(/incidents/);
  await tab.ready();
  await tab.drawn();
  const chart = page.locator(".chart-figure .menu").first();
  await chart.locator("summary").click();
  assert.match((await saved(page, () => chart.getByText("SVG", { exact: true }).click())).bytes.toString(), /<svg/);
  assert.ok(tab.requests.every((url) => !url.includes(TOKEN)), "no address holds the token");
  assert.ok(await page.evaluate((token) => !JSON.stringify(localStorage).includes(token), TOKEN), "it is not kept");

  await page.getByRole("button", { name: "Forget the token" }).click();
  await page.waitForSelector("input[name=token]");
  await tab.close();
}
