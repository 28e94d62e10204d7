/** One run: a fresh server of so many threads, a publisher, viewers, and the CPU of each thread in a steady window. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child } from '../child.mjs'
import { startPublisher, startViewers } from '../peers/rig-load.mjs'
import { SERVERS } from '../servers/index.mjs'
import { startServer } from '../servers/start-server.mjs'
import { threadCpuMs, threadShares } from './thread-cpu.mjs'

const SETTLE_MS = 1000
const WARMUP_SECONDS = 4
const TIMEOUT_MS = 120_000
const CLIENT = fileURLToPath(new URL('../clients/load-client.mjs', import.meta.url))

/**
 * @typedef {object} ShardRun
 * @property {number} packetsPerSecond that viewers received
 * @property {number[]} shares what part of a core each thread of the server took, the greatest first
 * @property {number} lost packets
 * @property {number} clientShare what part of a core the viewers took
 */

/**
 * @param {number} workers
 * @param {number} viewers of all of them
 * @param {{ rig: import('../peers/rig.mjs').Rig | undefined, seconds: number, pps: number, pace: number, srtp: 'gcm' | 'cm' | 'both' }} options
 * @returns {Promise<ShardRun>}
 */
export async function measureShards(workers, viewers, options) {
  const entry = SERVERS.manycast
  // On any core: it is the kernel that spreads the threads, as it does in production.
  const { server, origin } = await startServer('manycast', entry, { workers: String(workers), role: 'any' })
  const urls = { whip: origin + entry.whip, whep: origin + entry.whep }
  try {
    return await (options.rig ? withRig : withOwnClient)(server.pid, urls, viewers, options)
  } finally {
    await server.stop()
  }
}

async function withRig(pid, { whip, whep }, viewers, { rig, seconds, pps, pace, srtp }) {
  const stream = { pps, fps: 30, payloadBytes: 1100, pace }
  const publisher = await startPublisher(rig.load, { url: whip, srtp, stream })
  const rest = { warmupSeconds: WARMUP_SECONDS, parallel: 10, sampleEvery: 50, twccMs: 100, srtp, pid }
  // A little longer than our own window, so that nobody leaves within it.
  const client = startViewers(rig.load, { url: whep, viewers, seconds: seconds + 1, ...rest })
  try {
    await client.begun()
    const shares = await sharesFor(pid, seconds)
    const said = await client.done()
    const packetsPerSecond = said.packets / said.window_s
    return { packetsPerSecond, shares, lost: said.lost, clientShare: said.client_cpu_pct / 100 }
  } finally {
    await Promise.all([client.stop(), publisher.stop()])
  }
}

async function withOwnClient(pid, { whip, whep }, viewers, { seconds, pps, pace, srtp }) {
  const stream = { packetsPerSecond: pps, framesPerSecond: 30, payloadBytes: 1100, pace }
  const client = new Child('load client', 'client', [process.execPath, CLIENT], { ipc: true })
  try {
    await client.ready()
    await client.request('publish', { url: whip, srtp, stream }, TIMEOUT_MS)
    await sleep(SETTLE_MS)
    await client.request('join', { url: whep, srtp, count: viewers, parallel: 10, sampleEvery: 20 }, TIMEOUT_MS)
    await sleep(WARMUP_SECONDS * 1000)
    const before = await client.request('open', {}, TIMEOUT_MS)
    const shares = await sharesFor(pid, seconds)
    const after = await client.request('close', {}, TIMEOUT_MS)
    const received = after.received - before.received
    const spanMs = after.atMs - before.atMs
    return {
      packetsPerSecond: (received / spanMs) * 1000,
      shares,
      lost: after.expected - before.expected - received,
      clientShare: (after.cpuUs - before.cpuUs) / 1000 / spanMs,
    }
  } finally {
    await client.stop()
  }
}

async function sharesFor(pid, seconds) {
  const startMs = performance.now()
  const before = threadCpuMs(pid)
  await sleep(seconds * 1000)
  const after = threadCpuMs(pid)
  return threadShares(before, after, performance.now() - startMs)
}
