/**
 * The thread of an impairing relay: sockets, two links, and a clock that is kept to a tenth of a millisecond or so. Timers of Node are as
 * coarse as a millisecond and late; so the last bit of each wait is slept through exactly, which costs this thread's turn but no CPU.
 */
import { createSocket } from 'node:dgram'
import { parentPort, workerData } from 'node:worker_threads'
import { LinkQueue } from './link-queue.mjs'

const LOOPBACK = '127.0.0.1'
/** Waits this short are slept through, in naps this long: sockets are read in between. */
const EXACT_MS = 3
const NAP_MS = 1
/** The kernel keeps what comes meanwhile. */
const SOCKET_BUFFER_BYTES = 4 << 20

const { serverPort, seed, conditions } = workerData
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Milliseconds since the Unix epoch, the clock that all threads and pages share. */
const nowMs = () => performance.timeOrigin + performance.now()

let state = seed >>> 0 || 1
/** Repeats with the seed (xorshift). */
function random() {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) / 0x1_0000_0000
}

const links = {
  toBrowser: new LinkQueue(conditions.toBrowser ?? {}, random),
  toServer: new LinkQueue(conditions.toServer ?? {}, random),
}
/** What left the link to the browser since recording began: when, bytes, milliseconds in the queue, milliseconds that we were late. */
let departures

/** One back socket per address of a browser, so that the server sees as many. */
const backs = new Map()
const front = openSocket((datagram, from) => {
  const back = backOf(from)
  offer('toServer', { datagram, send: () => back.send(datagram, serverPort, LOOPBACK) }, datagram.length)
})

function backOf(from) {
  const key = `${from.address}:${from.port}`
  const known = backs.get(key)
  if (known) return known
  const back = openSocket((datagram) => {
    offer('toBrowser', { datagram, send: () => front.send(datagram, from.port, from.address) }, datagram.length)
  })
  backs.set(key, back)
  return back
}

function openSocket(onMessage) {
  // Addresses are numbers here: nothing is looked up, and what is sent leaves at once.
  const lookup = (host, _options, done) => done(null, host, 4)
  const socket = createSocket({
    type: 'udp4',
    lookup,
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
  })
  socket.on('message', onMessage)
  // A peer that has gone.
  socket.on('error', () => {})
  return socket
}

let timer
let isScheduled = false

function offer(direction, item, length) {
  links[direction].offer(item, length, nowMs())
  if (!isScheduled) pump()
}

/** Sends what is due, and sees to it that it is called when the next is. */
function pump() {
  isScheduled = false
  clearTimeout(timer)
  for (;;) {
    deliver()
    const dueMs = Math.min(links.toBrowser.dueMs, links.toServer.dueMs)
    if (dueMs === Number.POSITIVE_INFINITY) return
    const waitMs = dueMs - nowMs()
    if (waitMs > EXACT_MS) {
      // What comes meanwhile may be due sooner, but only on the other link, and that is seen at once.
      timer = setTimeout(pump, Math.floor(waitMs - EXACT_MS + NAP_MS))
      return
    }
    if (waitMs <= 0) continue
    Atomics.wait(sleeper, 0, 0, Math.min(NAP_MS, waitMs))
    deliver()
    isScheduled = true
    setImmediate(pump)
    return
  }
}

function deliver() {
  for (const direction of ['toBrowser', 'toServer']) {
    for (let gone = links[direction].take(nowMs()); gone; gone = links[direction].take(nowMs())) {
      gone.item.send()
      if (departures && direction === 'toBrowser') {
        departures.push(gone.leftMs, gone.bytes, gone.leftMs - gone.arrivedMs, nowMs() - gone.dueMs)
      }
    }
  }
}

const requests = {
  change({ direction, conditions: changes }) {
    const atMs = nowMs()
    links[direction].change(changes, atMs)
    pump()
    return atMs
  },
  record() {
    departures = []
  },
  recorded() {
    const flat = Float64Array.from(departures ?? [])
    departures = undefined
    return flat
  },
  counters: () => ({ toBrowser: links.toBrowser.counters, toServer: links.toServer.counters }),
  close() {
    clearTimeout(timer)
    front.close()
    for (const back of backs.values()) back.close()
    parentPort.close()
  },
}

parentPort.on('message', ({ id, method, params }) => parentPort.postMessage({ id, result: requests[method](params) }))
front.bind(0, LOOPBACK, () => parentPort.postMessage({ port: front.address().port }))
