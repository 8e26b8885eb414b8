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

export async function run(browser) {
  const tab = await Tab.open(browser);
  const { page } = tab;
  const told = [];
  await tab.goto((await views()).incident);
  await tab.drawn();
  const fromMenu = async (menu, label) => {
    await menu.locator("summary").click();
    const file = await saved(page, () => menu.getByText(label, { exact: true }).click());
    await menu.locator("summary").click();
    told.push(file.name);
    return file;
  };
  const chart = page.locator(".chart-figure .menu").first();
  const svg = (await fromMenu(chart, "SVG")).bytes.toString();
  assert.match(svg, /^(<\?xml[^>]*>\s*)?<svg[^>]*xmlns=/, "a file of its own");
  assert.ok(!svg.includes("var(--") && !svg.includes("style="), "colors are in it");
  const png = (await fromMenu(chart, "PNG")).bytes;
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  assert.match((await fromMenu(chart, "CSV (counts)")).bytes.toString(), /\d{4}-\d\d-\d\d/);
  const tables = page.locator(".table-menus .menu");
  const moves = (await fromMenu(tables.first(), "CSV")).bytes.toString();
  assert.match(moves, /telegram/);
  const languages = (await fromMenu(tables.nth(1), "CSV")).bytes.toString();
  assert.match(languages, /^\uFEFFcode,share_low,share,share_high,complaints\r\n/);
  assert.match(languages, /\r\npt,0\.\d+,0\.\d+,0\.\d+,\d+\r\n/);
  for (const [title, holds] of [["Figures", /\r\npeak,[\d.]+,,,complaints per minute/], ["In their words", /\r\n[^\r]*complaint/], ["What changed", /,opened,|,ended,/]]) {
    assert.match((await fromMenu(page.locator(`section:has(> h2:text-is("${title}")) .menu`), "CSV")).bytes.toString(), holds);
  }
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
  assert.match((await fromMenu(page.locator(".section-head .menu"), "CSV")).bytes.toString(), /^\uFEFFid,platform,feed,at,[^\r]*,text\r\n/);
  // What a spreadsheet would take for a formula is disarmed, and nothing else is changed.
  await tab.goto("/query?q=id%3Ah5");
  const formula = (await fromMenu(page.locator(".section-head .menu"), "CSV")).bytes.toString();
  assert.match(formula, /,"'=HYPERLINK\(""\/\/evil\.example"",""whatsapp is down""\)"\r\n/);
  for (const [view, columns] of [["/incidents", /^\uFEFFservice,state,id,[^\r]*onset_low,onset,onset_high,/], ["/feeds", /^\uFEFFfeed,/]]) {
    await tab.goto(view);
    await page.waitForSelector(".table-menus .menu");
    assert.match((await fromMenu(page.locator(".table-menus .menu").first(), "CSV")).bytes.toString(), columns);
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
