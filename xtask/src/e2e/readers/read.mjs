// Reads exports as TimelineJS, the Vega-Lite compiler and Vega do, and says as JSON what they made of them.
// node read.mjs FOLDER: files NAME.timelinejs.json, NAME.timelinejs.csv, NAME.vl.json
import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import * as esbuild from 'esbuild'
import { JSDOM } from 'jsdom'
import * as vega from 'vega'
import * as vegaLite from 'vega-lite'

const folder = process.argv[2]
const dom = new JSDOM('<!doctype html><html><body></body></html>', { url: 'http://localhost/' })
// TimelineJS takes what a page has for granted.
for (const name of ['window', ...Object.getOwnPropertyNames(dom.window)]) {
  if (!(name in globalThis)) {
    Object.defineProperty(globalThis, name, { value: dom.window[name] ?? dom.window, configurable: true, writable: true })
  }
}

const bundle = join(process.cwd(), 'timelinejs.bundle.mjs')
await esbuild.build({
  stdin: {
    contents: `export { TimelineConfig } from '@knight-lab/timelinejs/src/js/core/TimelineConfig.js'
      export { makeConfig } from '@knight-lab/timelinejs/src/js/core/ConfigFactory.js'`,
    resolveDir: process.cwd(),
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'error',
  outfile: bundle,
})
const { TimelineConfig, makeConfig } = await import(bundle)

const ofJson = (path) => new TimelineConfig(JSON.parse(readFileSync(path, 'utf8')))

/** A table is read from an address, as TimelineJS does with a published spreadsheet. */
async function ofTable(path) {
  const server = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/csv' }).end(readFileSync(path)))
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  // What it tells of its work would stand in our answer.
  const { log } = console
  console.log = () => {}
  dom.window.fetch = globalThis.fetch
  const config = await new Promise((done) => makeConfig(`http://127.0.0.1:${server.address().port}/story.csv`, done))
  console.log = log
  server.closeAllConnections()
  server.close()
  return config
}

function timeline(config) {
  config.validate()
  const slides = config.events.map((event) => ({
    headline: event.text.headline,
    text: event.text.text,
    group: event.group,
    local: event.start_date.data.date_obj.toString(),
    hour: event.start_date.data.date_obj.getHours(),
    minute: event.start_date.data.date_obj.getMinutes(),
    shown: event.start_date.data.display_date,
  }))
  return { valid: config.isValid(), errors: config.getErrors('; '), title: config.title?.text, eras: config.eras.length, slides }
}

async function chart(path) {
  const spec = JSON.parse(readFileSync(path, 'utf8'))
  const warnings = []
  const logger = { level: () => logger, warn: (...words) => (warnings.push(words.join(' ')), logger), info: () => logger, debug: () => logger, error: (...words) => (warnings.push(words.join(' ')), logger) }
  const compiled = vegaLite.compile(spec, { logger })
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logger })
  const svg = await view.toSVG()
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1])
  return { warnings, texts, bytes: svg.length, paths: (svg.match(/<path /g) ?? []).length }
}

const read = {}
for (const name of readdirSync(folder)) {
  const path = join(folder, name)
  if (name.endsWith('.timelinejs.json')) read[basename(name)] = timeline(ofJson(path))
  if (name.endsWith('.timelinejs.csv')) read[basename(name)] = timeline(await ofTable(path))
  if (name.endsWith('.vl.json')) read[basename(name)] = await chart(path)
}
console.log(JSON.stringify(read))
