// Charts, tables and exports as files, by the clicks of a reader.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ARCHIVE, Tab, assert, saved, views } from "./support.mjs";

/** The page of an export stands alone: from a file, without scripts and requests, it is printed on paper of the usual size. */
async function printed(browser, { name, bytes }) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 794, height: 1123 } });
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const place = path.join(os.tmpdir(), `caiu-e2e-${process.pid}-${name}`);
  fs.writeFileSync(place, bytes);
  try {
    await page.goto(`file://${place}`);
    assert.deepEqual(asked, [`file://${place}`]);
    await page.emulateMedia({ media: "print" });
    const pdf = await page.pdf({ format: "A4" });
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    const { width, height } = await page.locator("html").boundingBox();
    assert.ok(width <= 794 && height > 600, `${width} by ${height}`);
  } finally {
    fs.rmSync(place);
  }
}

/** Saves an entry of a menu. */
const opener = (page, told) => async (menu, label) => {
  await menu.locator("summary").click();
  const file = await saved(page, () => menu.getByText(label, typeof label === "string" ? { exact: true } : {}).click());
  await menu.locator("summary").click();
  told.push(file.name);
  return file;
};

/** Width and height of a PNG in pixels. */
function sizeOf(png) {
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

/** A table as SVG and PNG: the cells stand in it as text, on light paper whatever the page has, and nothing in it runs. */
async function pictures(page, fromMenu, isRightToLeft) {
  const menu = page.locator(".table-menus .menu").first();
  const cells = await page.locator("main table").first().locator("tr:visible").locator("th, td:not(.spark)").allTextContents();
  const text = (await fromMenu(menu, "SVG")).bytes.toString();
  const read = await page.evaluate((svg) => {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    const [root, all] = [parsed.documentElement, [...parsed.querySelectorAll("*")]];
    return {
      fault: parsed.querySelector("parsererror")?.textContent ?? null, names: [...new Set(all.map(({ localName }) => localName))],
      attributes: [...new Set(all.flatMap(({ attributes }) => [...attributes].map(({ name }) => name)))],
      direction: root.getAttribute("direction"), size: ["width", "height"].map((name) => Number(root.getAttribute(name))),
      paper: root.querySelector("rect").getAttribute("fill"), words: [...parsed.querySelectorAll("text")].map((each) => each.textContent).join(" "),
    };
  }, text);
  assert.equal(read.fault, null);
  assert.deepEqual(read.names.filter((name) => !["svg", "title", "rect", "text", "tspan", "line", "g", "path", "desc", "defs", "pattern"].includes(name)), []);
  assert.deepEqual(read.attributes.filter((name) => /^on|href|style|class/i.test(name)), []);
  assert.equal(read.direction, isRightToLeft ? "rtl" : "ltr");
  assert.equal(read.paper, "#ffffff");
  // Letters of cells, as they follow each other: lines are broken elsewhere than on the page.
  const bare = (words) => words.replace(/[\s\p{Cc}\p{Cf}\uFFFD]/gu, "");
  for (const cell of cells) assert.ok(bare(read.words).includes(bare(cell)), `${cell} in ${read.words}`);
  assert.match(read.words, /127\.0\.0\.1/, "where it comes from");
  assert.deepEqual(sizeOf((await fromMenu(menu, "PNG")).bytes), read.size.map((side) => side * 2));
  return read.words;
}

/** Tables as pictures, in both directions of writing; on a dark page, too. */
async function tables(browser, told) {
  for (const [locale, dark] of [["en", false], ["ar", true]]) {
    const tab = await Tab.open(browser, { locale, dark });
    const fromMenu = opener(tab.page, told);
    for (const view of ["/incidents", "/feeds"]) {
      await tab.goto(view);
      await tab.page.waitForSelector(".table-menus .menu");
      const words = await pictures(tab.page, fromMenu, locale === "ar");
      // The name of a feed is as hostile as a post.
      if (view === "/feeds") assert.ok(words.includes("<img src=x onerror=alert(1)>") && !/[\u202E\u0007]/.test(words), words);
    }
    await tab.goto("/");
    await tab.page.waitForSelector("tbody.quiet tr:nth-child(2)");
    await tab.page.locator("button.fold").click();
    const words = await pictures(tab.page, fromMenu, locale === "ar");
    assert.match(words, locale === "ar" ? /واتساب/ : /WhatsApp/);
    await tab.close();
  }
}

export async function run(browser) {
  const tab = await Tab.open(browser);
  const { page } = tab;
  const told = [];
  const fromMenu = opener(page, told);
  await tables(browser, told);
  await tab.goto((await views()).incident);
  await tab.drawn();
  const chart = page.locator(".chart-figure .menu").first();
  const svg = (await fromMenu(chart, "SVG")).bytes.toString();
  assert.match(svg, /^(<\?xml[^>]*>\s*)?<svg[^>]*xmlns=/, "a file of its own");
  assert.ok(!svg.includes("var(--") && !svg.includes("style="), "colors are in it");
  assert.ok(sizeOf((await fromMenu(chart, "PNG")).bytes)[0] > 900);
  const flow = page.locator(".flow-figure .menu");
  assert.match((await fromMenu(flow, "SVG")).bytes.toString(), /<path[^>]*stroke-opacity="0\.4"/);
  assert.ok(sizeOf((await fromMenu(flow, "PNG")).bytes)[0] > 900);
  assert.match((await fromMenu(chart, "CSV (counts)")).bytes.toString(), /\d{4}-\d\d-\d\d/);
  const menus = page.locator(".table-menus .menu");
  const moves = (await fromMenu(menus.first(), "CSV")).bytes.toString();
  assert.match(moves, /telegram/);
  const languages = (await fromMenu(menus.nth(1), "CSV")).bytes.toString();
  assert.match(languages, /^\uFEFFcode,share_low,share,share_high,complaints\r\n/);
  assert.match(languages, /\r\npt,0\.\d+,0\.\d+,0\.\d+,\d+\r\n/);
  for (const [title, holds] of [["Figures", /\r\npeak,[\d.]+,,,complaints per minute/], ["In their words", /\r\n[^\r]*complaint/], ["What changed", /,opened,|,ended,/]]) {
    assert.match((await fromMenu(page.locator(`section:has(> h2:text-is("${title}")) .menu`), "CSV")).bytes.toString(), holds);
  }
  const figures = page.locator('section:has(> h2:text-is("Figures")) .menu');
  assert.match((await fromMenu(figures, "SVG")).bytes.toString(), />Peak</);
  const { paths } = await (await fetch(`${ARCHIVE}/api/v1/openapi.json`)).json();
  const canExport = Object.keys(paths).some((each) => each.endsWith("/export"));
  if (!canExport) told.push("exports NOT TESTED: this server has none");
  for (const [format, begins] of !canExport ? [] : [["html", "<!DOCTYPE html>"], ["json", "{"], ["xlsx", "PK"], ["ics", "BEGIN:VCALENDAR"]]) {
    await page.locator("select[name=format]").selectOption(format);
    const file = await saved(page, () => page.locator("section:has(select[name=format]) button[type=submit]").click());
    told.push(file.name);
    if (format === "html") await printed(browser, file);
    assert.equal(file.bytes.toString("latin1").trimStart().replace(/^\u00EF\u00BB\u00BF/, "").slice(0, begins.length).toLowerCase(), begins.toLowerCase(), format);
  }
  await tab.goto((await views()).query);
  await tab.drawn();
  assert.match((await fromMenu(page.locator(".chart-figure .menu").first(), "CSV")).bytes.toString(), /\d{4}-\d\d-\d\d/);
  const bursts = (await fromMenu(page.locator(".table-menus .menu").first(), "CSV")).bytes.toString();
  assert.match(bursts, /^\uFEFFonset_low,onset,onset_high,/);
  // A file holds all that the query finds, whichever page of it is shown, and says so.
  const { query } = await views();
  const { total } = await (await fetch(`${ARCHIVE}/api/v1/posts?${query.split("?")[1]}`)).json();
  const posts = (await fromMenu(page.locator(".section-head .menu"), `CSV (all rows: ${total})`)).bytes.toString();
  assert.match(posts, /^\uFEFFid,platform,feed,at,[^\r]*,text\r\n/);
  const ids = [...posts.matchAll(/\r\n([^,\r]+),/g)].map(([, id]) => id);
  assert.ok(total > 200, `${total} posts are more than one answer of the server holds`);
  assert.equal(new Set(ids).size, total);
  // Times without a zone are those of the zone that the address names: in the list, in the chart and in the file.
  const stretch = "q=kind%3Acomplaint";
  await tab.goto(`/query?${stretch}&bin=1m&from=2021-10-04T19:00&to=2021-10-04T19:10&tz=Asia%2FBaghdad`);
  await tab.drawn();
  const utc = `${stretch}&from=2021-10-04T16:00:00Z&to=2021-10-04T16:10:00Z`;
  const [listed, counted] = await Promise.all(["posts?", "bursts?bin=1m&"].map(async (name) => (await fetch(`${ARCHIVE}/api/v1/${name}${utc}`)).json()));
  const within = (await fromMenu(page.locator(".section-head .menu"), /^CSV/)).bytes.toString();
  assert.equal(within.split("\r\n").filter((line) => /,2021-10-04T(16:0|19:0)/.test(line)).length, listed.total);
  assert.ok(listed.total > 0 && (await page.locator("#title-posts").innerText()).includes(`${listed.total}`));
  const drawn = (await fromMenu(page.locator(".chart-figure .menu").first(), "JSON")).bytes.toString();
  assert.deepEqual(JSON.parse(drawn).points, counted.points);
  // What a spreadsheet would take for a formula is disarmed, and nothing else is changed.
  await tab.goto("/query?q=id%3Ah5");
  const formula = (await fromMenu(page.locator(".section-head .menu"), /^CSV/)).bytes.toString();
  assert.match(formula, /,"'=HYPERLINK\(""\/\/evil\.example"",""whatsapp is down""\)"\r\n/);
  for (const [view, columns] of [["/incidents", /^\uFEFFservice,state,id,[^\r]*onset_low,onset,onset_high,/], ["/feeds", /^\uFEFFfeed,/]]) {
    await tab.goto(view);
    await page.waitForSelector(".table-menus .menu");
    assert.match((await fromMenu(page.locator(".table-menus .menu").first(), /^CSV(?! \(gaps)/)).bytes.toString(), columns);
  }
  await tab.goto("/");
  await tab.drawn();
  const course = page.locator(".spark-line .menu").first();
  assert.match((await fromMenu(course, "CSV")).bytes.toString(), /,complaints,expected,expected_low,expected_high\n/);
  assert.match((await fromMenu(course, "SVG")).bytes.toString(), /<svg/);
  assert.deepEqual([...(await fromMenu(course, "PNG")).bytes.subarray(0, 4)], [137, 80, 78, 71]);
  await tab.close();
  return told.join(", ");
}
