// An outage that happens while the page looks on: it appears, it is followed, it ends; what is under the hand stays there. The posts of the next minutes come when
// the page has shown those before, so that no hurry of either side can spoil it.

import fs from "node:fs";
import { LIVE, POSTS, REPLAY, Tab, assert, until } from "./support.mjs";

/** Hands posts over to the server up to a moment, in order. */
function teller() {
  const lines = fs.readFileSync(REPLAY, "utf8").trimEnd().split("\n").map((line) => ({ line, at: Date.parse(JSON.parse(line).created_at) }));
  assert.ok(lines.length > 1000 && lines.every(({ at }, index) => index === 0 || lines[index - 1].at <= at), "posts in order");
  let next = 0;
  return (moment) => {
    const from = next;
    while (next < lines.length && lines[next].at <= Date.parse(moment)) next += 1;
    assert.ok(next > from, `posts up to ${moment}`);
    fs.appendFileSync(POSTS, lines.slice(from, next).map(({ line }) => `${line}\n`).join(""));
  };
}

export async function run(browser) {
  const tell = teller();
  const tab = await Tab.open(browser, { base: LIVE });
  const { page } = tab;
  const under = (name) => page.evaluate((attribute) => document.activeElement.getAttribute(attribute), name);
  // Before the first post there is nothing to tell, of any service.
  const { services } = await (await fetch(`${LIVE}/api/v1/services`)).json();
  await tab.goto("/");
  await until("every service", async () => (await page.locator("tbody.quiet tr:not(.group)").count()) === services.length);
  assert.ok(await page.locator("main .empty").isVisible(), "the index is empty");
  assert.match(await page.locator("tbody.quiet tr").last().innerText(), /nobody listened/);
  const link = page.locator("tbody th a[data-key=whatsapp]");
  const row = page.locator("tbody tr", { has: page.locator("th a[data-key=whatsapp]") });
  await link.focus();

  tell("2017-05-03T21:00:00Z");
  await until("the first posts", async () => (await page.locator("tbody.loud tr").count()) > 0);
  assert.equal(await page.locator("main .empty").count(), 0);
  assert.ok(!(await page.locator(".pill").allInnerTexts()).includes("failing"), "not before it happens");
  tell("2017-05-03T21:30:00Z");
  await until("WhatsApp fails", async () => (await row.locator(".pill").innerText()) === "failing");
  assert.equal(await under("data-key"), "whatsapp", "the focus goes with the row");
  await until("the headline", async () => /WhatsApp since/.test(await page.locator(".headline").innerText()));
  await until("it is told to who cannot see", async () => /WhatsApp/.test(await page.locator("#announcer").innerText()));
  await tab.shot("live-overview");

  // Rows are updated in their place: the same element holds the next numbers, and a menu stays open.
  const before = await row.locator("td").nth(4).innerText();
  const element = await row.elementHandle();
  await row.locator("summary").focus();
  await page.keyboard.press("Enter");
  tell("2017-05-03T22:00:00Z");
  await until("more complaints", async () => (await row.locator("td").nth(4).innerText()) !== before);
  assert.ok(await element.evaluate((node) => node.isConnected), "the row was not made anew");
  assert.match(await under("aria-label"), /WhatsApp/);
  assert.ok(await row.locator(".menu[open]").isVisible(), "the menu is open");
  await page.keyboard.press("Escape");

  await link.click();
  await page.waitForURL(/incidents\/whatsapp/);
  await tab.ready();
  const revisions = () => page.locator(".revisions > li").count();
  await until("a first revision", async () => (await revisions()) > 0);
  await tab.drawn();
  // A view that is drawn anew takes neither the focus from a menu nor closes it.
  const figures = page.locator("section:has(dl.figures) .menu");
  const old = await figures.elementHandle();
  await figures.locator("summary").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const chart = await page.locator(".stage").elementHandle();
  tell("2017-05-03T22:30:00Z");
  await until("new figures", async () => !(await old.evaluate((node) => node.isConnected)));
  assert.ok(await figures.evaluate((menu) => menu.open && menu.contains(document.activeElement)), "the menu is open and has the focus");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "CSV");
  assert.ok(await chart.evaluate((node) => node.isConnected), "the chart was drawn in its place");
  await page.locator(".stage").focus();
  tell("2017-05-04T01:00:00Z");
  await until("the end", async () => (await page.locator("h1 .pill").first().innerText()) === "over");
  await until("the end among the revisions", async () => (await page.locator(".change.ended").count()) > 0);
  assert.equal(await under("class"), "stage", "the chart has an end now, and the focus still");
  assert.match(await page.locator(".headline").innerText(), /was (down|in trouble) from/);
  await tab.drawn();
  await tab.shot("live-incident");
  await tab.close();
}
