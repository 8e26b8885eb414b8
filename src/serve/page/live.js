// The live stream: counts after each commit and changes of incidents. It comes back by itself when it breaks.
// It is read with fetch, since an EventSource cannot send the token.

import { ask } from "./api.js";

/** Longest silence before the stream counts as broken; the server says something every 15 s. */
const SILENCE_MS = 45_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const listeners = new Map();
let last = null;
let stop = null;
let pause = FIRST_PAUSE_MS;
let timer = 0;
let state = { name: "connecting", since: Date.now(), retryAt: null };

/** Calls `listener(data)` at each event of a name (`counts`, `incident`, `state`) until the signal is given. */
export function on(name, listener, signal) {
  // A view that was left while it waited for its data listens to nothing.
  if (signal?.aborted) return;
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  signal?.addEventListener("abort", () => listeners.get(name).delete(listener));
}

/** How the connection is: `connecting`, `open`, `lost`, or `paused` while nobody looks. */
export function connection() {
  return state;
}

/** Begins to listen. A page that nobody sees lets go of its connection, since browsers have few of them for a server. */
export function start() {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) open();
    else {
      close();
      become("paused");
    }
  });
  addEventListener("online", retry);
  if (!document.hidden) open();
}

/** Tries again at once. */
export function retry() {
  if (state.name === "open" || document.hidden) return;
  pause = FIRST_PAUSE_MS;
  open();
}

function tell(name, data) {
  for (const listener of listeners.get(name) ?? []) listener(data);
}

function become(name, retryAt = null) {
  const before = state.name;
  if (before === name && name !== "lost") return;
  state = { name, since: before === name ? state.since : Date.now(), retryAt };
  tell("state", { ...state, before });
}

function close() {
  clearTimeout(timer);
  stop?.abort();
  stop = null;
}

async function open() {
  close();
  const mine = new AbortController();
  stop = mine;
  try {
    const headers = last === null ? {} : { "last-event-id": last };
    const answer = await ask("/api/v1/live", { accept: "text/event-stream", headers, signal: mine.signal, cache: "no-store" });
    pause = FIRST_PAUSE_MS;
    become("open");
    await read(answer.body, mine);
  } catch (error) {
    if (mine.signal.aborted && stop !== mine) return;
    // The page asks for the token, and tries again with it.
    if (error.status === 401) {
      become("paused");
      return;
    }
  }
  if (stop !== mine) return;
  become("lost", Date.now() + pause);
  timer = setTimeout(open, pause);
  pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
}

async function read(body, mine) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const silence = setTimeout(() => mine.abort(), SILENCE_MS);
    const { value, done } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    rest += value.replaceAll("\r\n", "\n");
    let end;
    while ((end = rest.indexOf("\n\n")) >= 0) {
      dispatch(rest.slice(0, end));
      rest = rest.slice(end + 2);
    }
  }
}

function dispatch(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [field, value] = [line.split(":", 1)[0], line.slice(line.indexOf(":") + 1).replace(/^ /, "")];
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && value) last = value;
  }
  if (data.length === 0) return;
  let told;
  try {
    told = JSON.parse(data.join("\n"));
  } catch (error) {
    console.error(`the live stream said something that is no JSON: ${error.message}`);
    return;
  }
  tell(name, told);
}
