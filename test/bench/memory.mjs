/**
 * What viewers take of the server's memory, and whether it grows while they watch: `npm run bench:memory -- [viewers] [seconds] [video packets/s]`.
 *
 * Resident memory of a server with one worker thread above what it has without anybody, divided by the viewers: when they have joined, and while they watch.
 * Viewers are JavaScript clients, or those of the load client (`load view`) that the environment variable RIG names, which carries a thousand with ease.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopAll } from './child.mjs'
import { setStage } from './stage.mjs'

const [viewers = 200, seconds = 30, packetsPerSecond = 30] = process.argv.slice(2).map(Number)
const STREAM = { packetsPerSecond, framesPerSecond: 10, payloadBytes: 1100, pace: 0.4 }
const SAMPLES = 6
const JOIN_TIMEOUT_MS = 60_000 + 100 * viewers

/** What the load client prints when all viewers have joined. */
const JOINED = /STEADY_START/

try {
  await main()
} finally {
  await stopAll()
}

async function main() {
  const stage = await setStage()
  const rssBytes = async () => (await stage.usage()).rssBytes
  await sleep(1000)
  const idleBytes = await rssBytes()
  await stage.publish(STREAM)
  const stop = process.env.RIG ? await joinByRig(process.env.RIG, stage.whep) : await joinByScript(stage)
  try {
    console.log(`idle ${Math.round(idleBytes / 1e6)} MB, ${viewers} viewers, ${packetsPerSecond} video packets/s each`)
    console.log('| seconds | RSS MB | kB per viewer |\n| ---: | ---: | ---: |')
    for (let i = 0; i <= SAMPLES; i++) {
      if (i > 0) await sleep((seconds * 1000) / SAMPLES)
      const bytes = await rssBytes()
      const perViewer = Math.round((bytes - idleBytes) / viewers / 1000)
      console.log(`| ${Math.round((i * seconds) / SAMPLES)} | ${Math.round(bytes / 1e6)} | ${perViewer} |`)
    }
  } finally {
    stop()
  }
}

async function joinByScript(stage) {
  await stage.join(viewers, 20)
  return () => {}
}

/** Resolves with the way to stop it. */
async function joinByRig(binary, url) {
  const args = ['view', '-url', url, '-n', String(viewers), '-parallel', '20', '-duration', `${seconds + 60}s`]
  const load = spawn(binary, [...args, '-twcc', '100ms'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not joined in time: ${printed}`)), JOIN_TIMEOUT_MS)
    const read = (chunk) => {
      printed += chunk
      if (!JOINED.test(printed)) return
      clearTimeout(timer)
      resolve(undefined)
    }
    load.stdout.on('data', read)
    load.stderr.on('data', read)
    load.on('error', reject)
    load.on('exit', () => reject(new Error(`the load client has ended: ${printed}`)))
  })
  return () => load.kill()
}
