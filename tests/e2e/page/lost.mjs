// The connection breaks and comes back: the page says so, keeps what it shows, and goes on by itself.

import net from "node:net";
import { ARCHIVE, Tab, assert, until } from "./support.mjs";

/** A way to the server that can be cut. */
async function way() {
  const { hostname, port } = new URL(ARCHIVE);
  const sockets = new Set();
  let isOpen = true;
  const server = net.createServer((socket) => {
    if (!isOpen) {
      socket.destroy();
      return;
    }
    const onward = net.connect(Number(port), hostname);
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on("error", () => {});
      each.on("close", () => sockets.delete(each));
    }
    socket.pipe(onward).pipe(socket);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    cut() {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isOpen = true;
    },
    close: () => server.close(),
  };
}

export async function run(browser) {
  const path = await way();
  const tab = await Tab.open(browser, { base: path.base, expected: /net::ERR|Failed to load/ });
  const { page } = tab;
  await tab.goto("/");
  await page.waitForSelector("tbody.quiet tr:nth-child(2)");
  const rows = await page.locator("tbody tr").count();
  await page.waitForTimeout(2500);
  path.cut();
  await page.waitForSelector(".notice.lost");
  assert.match(await page.locator(".notice.lost").innerText(), /Connection lost/);
  assert.equal(await page.locator("tbody tr").count(), rows, "what is shown stays");
  await tab.shot("lost");

  // A view that cannot be had says so and can be tried again.
  await page.getByRole("link", { name: "Feeds" }).click();
  await page.waitForSelector(".problem");
  assert.match(await page.locator(".problem").innerText(), /does not answer/);
  path.mend();
  // It may be back by itself before the click.
  await page.locator(".notice.lost button").click({ timeout: 3000 }).catch(() => {});
  await until("connected again", async () => (await page.locator(".notice.lost").count()) === 0);
  await page.locator(".problem button").click();
  await page.waitForSelector("main table");
  await tab.close();
  path.close();
}
