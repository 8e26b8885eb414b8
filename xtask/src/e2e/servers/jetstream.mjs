// A stand-in for Jetstream (there is no package of it): v1 `/subscribe` and v2 `subscribeEvents`, after the description
// of the real one, over the stream of a real PDS that another implementation decodes.
//
// For tests: POST /dictionary sets the zstd dictionary, POST /forget drops everything that happened so far from what
// the server looks back on, POST /drop closes all connections.
import http from 'node:http'
import zlib from 'node:zlib'
import { WebSocketServer } from 'ws'
import { Firehose } from '@atproto/sync'
import { lexToJson } from '@atproto/lex-json'

const V2 = '/xrpc/network.bsky.jetstream.subscribeEvents'
const DICTIONARY = '/xrpc/network.bsky.jetstream.getZstdDictionary'
// Cursors from here on are microseconds, below they are numbers of events.
const LEAST_MICROS = 1e15

export async function startJetstream(relay) {
  const events = [] // { seq, us, did, kind, body }
  const readers = new Set()
  let dictionary = null
  let floor = 1
  let lastMicros = 0

  const firehose = new Firehose({
    service: relay,
    unauthenticatedCommits: true,
    unauthenticatedHandles: true,
    subscriptionReconnectDelay: 200,
    getCursor: () => 0,
    onError: (error) => console.error('firehose:', error.message),
    handleEvent: (event) => {
      const kind = ['create', 'update', 'delete'].includes(event.event) ? 'commit' : event.event
      if (!['commit', 'identity', 'account'].includes(kind)) return
      lastMicros = Math.max(lastMicros + 1, Date.now() * 1000)
      events.push({ seq: events.length + 1, us: lastMicros, did: event.did, kind, body: bodyOf(kind, event) })
      for (const reader of readers) reader.pump()
    },
  })
  firehose.start()

  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://x')
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'POST' && url.pathname === '/dictionary') dictionary = Buffer.concat(chunks)
      else if (request.method === 'POST' && url.pathname === '/forget') floor = events.length + 1
      else if (request.method === 'POST' && url.pathname === '/drop') readers.forEach((reader) => reader.socket.terminate())
      else if (url.pathname === DICTIONARY && dictionary) return response.end(dictionary)
      else response.statusCode = 404
      response.end()
    })
  })

  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, stream, head) => {
    const url = new URL(request.url, 'http://x')
    const isV2 = url.pathname === V2
    const asked = url.searchParams
    const refuse = (name, message) => {
      const body = isV2 ? JSON.stringify({ error: name, message }) : message
      stream.end(`HTTP/1.1 400 Bad Request\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    }
    if (isV2 && (asked.has('wantedCollections') || asked.has('compress'))) return refuse('InvalidRequest', 'a key of v1')
    const wanted = asked.getAll(isV2 ? 'collections' : 'wantedCollections')
    const kinds = asked.getAll('kinds')
    const dictionaryId = dictionary?.readUInt32LE(4)
    if (isV2 && asked.has('zstdDictionary') && +asked.get('zstdDictionary') !== dictionaryId) {
      return refuse('UnknownZstdDictionary', `the current one is ${dictionaryId}`)
    }
    let next = events.length + 1
    let isClamped = false
    if (asked.has('cursor')) {
      const cursor = +asked.get('cursor')
      const isTime = cursor >= LEAST_MICROS
      const found = isTime ? events.find((event) => event.us >= cursor)?.seq : Math.max(cursor, 1)
      if (isV2 && !isTime && found < floor) return refuse('CursorTooOld', `below ${floor}`)
      // A time below the floor and the time of an event below it are the same to the server.
      if (found !== undefined && found <= events.length) {
        isClamped = found < floor
        next = Math.max(found, floor)
      }
    }
    const isPacked = isV2 ? asked.has('zstdDictionary') : asked.get('compress') === 'true'
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const send = (message) => {
        const text = JSON.stringify(message)
        socket.send(isPacked ? zlib.zstdCompressSync(Buffer.from(text), { dictionary }) : text)
      }
      const reader = {
        socket,
        pump() {
          for (; next <= events.length; next++) {
            const event = events[next - 1]
            if (event.kind === 'commit' && wanted.length && !wanted.includes(event.body.collection)) continue
            if (isV2 && kinds.length && !kinds.includes(event.kind)) continue
            send(isV2 ? v2(event) : v1(event))
          }
        },
      }
      readers.add(reader)
      socket.on('close', () => readers.delete(reader))
      // Clients of v2 have nothing to say.
      if (isV2) socket.on('message', () => socket.close(1008))
      if (isV2 && isClamped) {
        send({ $type: 'message', payload: { $type: 'network.bsky.jetstream.subscribeEvents#info', name: 'OutdatedCursor' } })
      }
      reader.pump()
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    close: async () => {
      readers.forEach((reader) => reader.socket.terminate())
      server.close()
      await firehose.destroy()
    },
  }
}

function bodyOf(kind, event) {
  if (kind === 'identity') return { did: event.did, handle: event.handle, seq: event.seq, time: event.time }
  if (kind === 'account') {
    return { active: event.active, did: event.did, seq: event.seq, time: event.time, ...(event.status && { status: event.status }) }
  }
  const record = event.event === 'delete' ? {} : { record: lexToJson(event.record), cid: event.cid.toString() }
  return { rev: event.rev, operation: event.event, collection: event.collection, rkey: event.rkey, ...record }
}

function v1({ us, did, kind, body }) {
  return { did, time_us: us, kind, [kind]: body }
}

function v2({ seq, us, did, kind, body }) {
  const millis = new Date(Math.floor(us / 1000)).toISOString()
  const time = `${millis.slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`
  const $type = `network.bsky.jetstream.subscribeEvents#${kind}`
  return { $type: 'message', payload: { $type, seq, did, time, ...(kind === 'commit' ? body : { [kind]: body }) } }
}
