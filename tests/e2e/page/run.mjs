// Runs the parts in one browser, some side by side, or those whose names are given; a fault in one does not hide the next.

import os from "node:os";
import { Reader, launch } from "./support.mjs";

// The first one measures time and has the machine for itself. The longest come next, so that they do not end alone.
const PARTS = ["speed", "views", "download", "live", "zoom", "search", "token", "settings", "lost", "keyboard", "hostile"];
const ALONE = "speed";
/** Parts at a time: a browser, a server and a reader keep more than one processor busy. */
const WIDTH = Math.max(2, os.availableParallelism());

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !PARTS.includes(name));
if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(", ")}; the parts are ${PARTS.join(", ")}`);

const browser = await launch();
let failed = 0;
const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

async function step(name, run) {
  const started = Date.now();
  const reader = new Reader(browser, name);
  try {
    const told = await run(reader);
    console.log(`ok    ${name} (${seconds(started)} s)${told ? `: ${told}` : ""}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name} (${seconds(started)} s): ${error.stack ?? error}`);
    await reader.lookAtFault();
  }
  await reader.leave();
}

/** What is to be done: a part is one step, or several that may go on side by side. */
const steps = [];
for (const name of PARTS.filter((part) => chosen.length === 0 || chosen.includes(part))) {
  const part = await import(`./${name}.mjs`);
  if (part.steps) steps.push(...part.steps.map(({ name: of, run }) => [`${name} ${of}`, run]));
  else steps.push([name, part.run]);
}
const began = Date.now();
if (steps[0]?.[0] === ALONE) await step(...steps.shift());
await Promise.all(Array.from({ length: WIDTH }, async () => {
  while (steps.length > 0) await step(...steps.shift());
}));
await browser.close();
console.log(`${failed} failed, ${seconds(began)} s in all`);
process.exit(failed > 0 ? 1 : 0);
