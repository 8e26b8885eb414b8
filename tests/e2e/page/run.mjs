// Runs the parts one after another in one browser, or those whose names are given; a fault in one does not hide the next.

import fs from "node:fs";
import { SHOTS, launch } from "./support.mjs";

// The replayed outage begins with the servers, so that it comes first.
const PARTS = ["live", "speed", "views", "search", "zoom", "settings", "download", "keyboard", "hostile", "lost", "token"];

fs.mkdirSync(SHOTS, { recursive: true });
const chosen = process.argv.slice(2);
const browser = await launch();
let failed = 0;
for (const name of PARTS.filter((part) => chosen.length === 0 || chosen.includes(part))) {
  const started = Date.now();
  try {
    const { run } = await import(`./${name}.mjs`);
    const told = await run(browser);
    console.log(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)${told ? `: ${told}` : ""}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}: ${error.stack ?? error}`);
  }
}
await browser.close();
process.exit(failed > 0 ? 1 : 0);
