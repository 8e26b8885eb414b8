// Charts, tables and exports as files, by the clicks of a reader.

import { ARCHIVE, Tab, assert, saved, views } from "./support.mjs";

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
  assert.match(languages, /\r\npt,0\.\d+/);
  const { paths } = await (await fetch(`${ARCHIVE}/api/v1/openapi.json`)).json();
  const canExport = Object.keys(paths).some((each) => each.endsWith("/export"));
  if (!canExport) told.push("exports NOT TESTED: this server has none");
  for (const [format, begins] of !canExport ? [] : [["html", "<!DOCTYPE html>"], ["json", "{"], ["xlsx", "PK"], ["ics", "BEGIN:VCALENDAR"]]) {
    await page.locator("select[name=format]").selectOption(format);
    const file = await saved(page, () => page.locator("section:has(select[name=format]) button[type=submit]").click());
    told.push(file.name);
    assert.equal(file.bytes.toString("latin1").trimStart().replace(/^\u00EF\u00BB\u00BF/, "").slice(0, begins.length).toLowerCase(), begins.toLowerCase(), format);
  }
  await tab.goto((await views()).query);
  await tab.drawn();
  assert.match((await fromMenu(page.locator(".chart-figure .menu").first(), "CSV")).bytes.toString(), /\d{4}-\d\d-\d\d/);
  const bursts = (await fromMenu(page.locator(".table-menus .menu").first(), "CSV")).bytes.toString();
  assert.match(bursts, /^\uFEFFonset,/);
  await tab.close();
  return told.join(", ");
}
