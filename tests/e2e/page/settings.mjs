// Language, zone and colors: they turn the page, they are kept, and a link's zone goes before the chosen one.

import { Tab, assert, until, views } from "./support.mjs";

export async function run(browser) {
  const tab = await Tab.open(browser);
  const { page } = tab;
  const { incident } = await views();
  await tab.goto(incident);
  const root = () => page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir, theme: document.documentElement.dataset.theme }));
  assert.deepEqual(await root(), { lang: "en", dir: "ltr", theme: undefined });
  const heading = await page.locator("h1").innerText();

  await page.locator("#language").focus();
  await page.locator("#language").selectOption("ar");
  await until("Arabic", async () => (await root()).dir === "rtl");
  await until("Arabic words", async () => /[\u0600-\u06FF]/.test(await page.locator("h1").innerText()));
  assert.notEqual(await page.locator("h1").innerText(), heading);
  assert.equal(await page.evaluate(() => document.activeElement.id), "language", "the focus stays where the hand is");
  await page.reload();
  await tab.ready();
  assert.equal((await root()).lang, "ar", "the choice is kept");
  await page.locator("#language").selectOption("pt");
  await until("Portuguese", async () => (await root()).lang === "pt" && (await root()).dir === "ltr");

  await page.locator("#zone").selectOption("Asia/Baghdad");
  await until("Baghdad", async () => (await page.locator(".headline").innerText()).includes("Asia/Baghdad"));
  const onset = await page.locator(".figures time").first().innerText();
  await page.locator("#zone").selectOption("UTC");
  await until("UTC", async () => (await page.locator(".headline").innerText()).includes("UTC"));
  assert.notEqual(await page.locator(".figures time").first().innerText(), onset);

  await page.locator("#theme").selectOption("dark");
  assert.equal((await root()).theme, "dark");
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.locator("#theme").selectOption("light");
  assert.notEqual(await paper(), dark);

  await tab.goto("/query?q=down%3Awhatsapp&tz=America%2FSao_Paulo");
  assert.equal(await page.locator("#zone").inputValue(), "America/Sao_Paulo");
  await page.locator("#zone").selectOption("UTC");
  await page.waitForURL(/tz=UTC/);
  assert.equal(await page.locator("#zone").inputValue(), "UTC");
  await tab.close();
}
