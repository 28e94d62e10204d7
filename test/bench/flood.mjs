/**
 * What viewers notice of a flood: `npm run bench:flood -- [packets/s] [seconds] [viewers] [video packets/s]`.
 *
 * While they watch, somebody without a session sends STUN and DTLS to the media port from 500 addresses: checks for no session, checks for a live one
 * with a wrong password, ClientHellos. The server has a core of its own; the flood shares the other with publisher and viewers. Prints
 * what each side of the bargain is held to, and exits with 1 if it was not kept.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopAll } from './child.mjs'
import { writeOffer } from './clients/sdp.mjs'
import { watchLoad } from './quality/load-watch.mjs'
import { quietMachine } from './quality/quiet-machine.mjs'
import { observe, setStage, startClient } from './stage.mjs'

const [packetsPerSecond = 100_000, seconds = 10, viewers = 50, videoPacketsPerSecond = 250] = process.argv
  .slice(2)
  .map(Number)
const ADDRESSES = 500
const STREAM = { packetsPerSecond: videoPacketsPerSecond, framesPerSecond: 30, payloadBytes: 1100, pace: 0.4 }
const MAX_LOST = 0.001
const MAX_GROWTH_BYTES = 20 * 1024 * 1024
const SETTLE_MS = 3000
const TIMEOUT_MS = 60_000
const PATIENCE_MS = 120_000
const MEMORY_SAMPLE_MS = 500

try {
  await main()
} finally {
  await stopAll()
}

async function main() {
  const stage = await setStage()
  const stranger = await startClient('flood', 'flood-sender')
  await stage.publish(STREAM)
  await stage.join(viewers, 20)
  const { port, username } = await pendingSession(stage.whep)
  await sleep(SETTLE_MS)
  await quietMachine(20, PATIENCE_MS)

  const quiet = await measured(stage, port, () => sleep(seconds * 1000))
  const target = { port, username, addresses: ADDRESSES, packetsPerSecond, seconds }
  const flooded = await measured(stage, port, () => stranger.request('flood', target, seconds * 1000 + TIMEOUT_MS))
  report(quiet, flooded)
}

/** A session whose peer never comes: its port, and what the peer's checks would call themselves. */
async function pendingSession(url) {
  const fingerprint = { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }
  const local = {
    iceUfrag: 'flood',
    icePwd: 'nobodyEverChecksWithThis',
    fingerprint,
    port: 9,
    videoSsrc: 1,
    audioSsrc: 2,
  }
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(url, { method: 'POST', body: writeOffer('recvonly', local), headers })
  const answer = await response.text()
  const port = Number(/^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/im.exec(answer)?.[1])
  return { port, username: `${/^a=ice-ufrag:(\S+)/m.exec(answer)?.[1]}:${local.iceUfrag}` }
}

async function measured(stage, port, meanwhile) {
  const load = watchLoad()
  const droppedBefore = kernelDrops(port)
  let peakBytes = 0
  let dropped = 0
  const sample = async () => {
    peakBytes = Math.max(peakBytes, (await stage.usage()).rssBytes)
  }
  const seen = await observe(stage, async () => {
    const timer = setInterval(() => void sample().catch(() => {}), MEMORY_SAMPLE_MS)
    const flood = await meanwhile()
    clearInterval(timer)
    dropped = kernelDrops(port) - droppedBefore
    return flood
  })
  const { result: flood, before, after, usedBefore, usedAfter } = seen
  const shares = after.ofEach.map(({ received, expected }, i) => {
    const due = expected - before.ofEach[i].expected
    return (due - (received - before.ofEach[i].received)) / due
  })
  return {
    flood,
    lostByWorst: Math.max(...shares),
    received: after.received - before.received,
    sentByPublisher: after.sent - before.sent,
    latencyP50Ms: after.latencyMs.p50,
    latencyP99Ms: after.latencyMs.p99,
    serverCpuPercent: seen.serverCpuPercent,
    clientCpuPercent: seen.clientCpuPercent,
    grownBytes: Math.max(peakBytes, usedAfter.rssBytes) - usedBefore.rssBytes,
    droppedByKernel: dropped,
    otherProgramsPercent: load().otherPercent,
  }
}

/** Datagrams that found the socket's buffer full, as Linux counts them. */
function kernelDrops(port) {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  return lines.filter(([, address]) => address?.endsWith(local)).reduce((sum, fields) => sum + Number(fields.at(-1)), 0)
}

function report(quiet, flooded) {
  const { flood } = flooded
  console.log(
    `| ${viewers} viewers, ${videoPacketsPerSecond} packets/s each | quiet | ${Math.round(flood.packetsPerSecond)} datagrams/s for ${seconds} s |`,
  )
  console.log('| --- | ---: | ---: |')
  for (const field of Object.keys(quiet).filter((name) => name !== 'flood')) {
    console.log(`| ${field} | ${rounded(quiet[field])} | ${rounded(flooded[field])} |`)
  }
  const kept = [
    [
      `the worst viewer lost ${(100 * flooded.lostByWorst).toFixed(3)} %, at most ${100 * MAX_LOST} % are allowed`,
      flooded.lostByWorst <= MAX_LOST,
    ],
    [
      `memory grew by ${(flooded.grownBytes / 2 ** 20).toFixed(1)} MiB at most, 20 MiB are allowed`,
      flooded.grownBytes < MAX_GROWTH_BYTES,
    ],
    [`${flood.bytesBack} bytes came back for ${flood.bytesSent}`, flood.bytesBack <= flood.bytesSent],
    [
      `${flood.sent} datagrams were sent, ${packetsPerSecond * seconds} were wanted`,
      flood.sent >= 0.99 * packetsPerSecond * seconds,
    ],
  ]
  for (const [text, holds] of kept) console.log(`${holds ? 'kept' : 'NOT KEPT'}: ${text}`)
  if (!kept.every(([, holds]) => holds)) process.exitCode = 1
}

function rounded(value) {
  return Number.isInteger(value) ? value : value?.toPrecision(3)
}
