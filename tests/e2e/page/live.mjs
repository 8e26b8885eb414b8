// An outage that happens while the page looks on: it appears, it is followed, it ends. The posts of the next minutes come when
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
  tell("2017-05-03T21:00:00Z");
  await tab.goto("/");
  const row = page.locator("tbody tr", { has: page.locator("th a", { hasText: "WhatsApp" }) });
  await until("the first posts", async () => (await page.locator("tbody tr").count()) > 0);
  assert.ok(!(await page.locator(".pill").allInnerTexts()).includes("failing"), "not before it happens");
  tell("2017-05-03T21:30:00Z");
  await until("WhatsApp fails", async () => (await row.count()) > 0 && (await row.locator(".pill").innerText()) === "failing");
  await until("the headline", async () => /WhatsApp since/.test(await page.locator(".headline").innerText()));
  await until("it is told to who cannot see", async () => /WhatsApp/.test(await page.locator("#announcer").innerText()));
  await tab.shot("live-overview");

  // Rows are updated in their place: the same element holds the next numbers.
  const before = await row.locator("td").nth(4).innerText();
  const element = await row.elementHandle();
  tell("2017-05-03T22:00:00Z");
  await until("more complaints", async () => (await row.locator("td").nth(4).innerText()) !== before);
  assert.ok(await element.evaluate((node) => node.isConnected), "the row was not made anew");

  await row.locator("th a").click();
  await page.waitForURL(/incidents\/whatsapp/);
  await tab.ready();
  const revisions = () => page.locator(".revisions > li").count();
  await until("a first revision", async () => (await revisions()) > 0);
  tell("2017-05-04T01:00:00Z");
  await until("the end", async () => (await page.locator("h1 .pill").first().innerText()) === "over");
  await until("the end among the revisions", async () => (await page.locator(".change.ended").count()) > 0);
  assert.match(await page.locator(".headline").innerText(), /was (down|in trouble) from/);
  await tab.drawn();
  await tab.shot("live-incident");
  await tab.close();
}
