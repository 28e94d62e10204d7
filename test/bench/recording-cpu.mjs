/**
 * What recording costs: the CPU of the engine's thread, of the application's and of the others, with four broadcasts of 2.5 Mbps recorded and not, in turns:
 * `npm run bench:recording-cpu -- [rounds] [seconds of each part] [viewers of each broadcast]`. Linux only. Prints a table and JSON.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Sfu } from '../../dist/index.js'
import { record } from '../../dist/recording/index.js'
import { nodeHttp, whipWhep } from '../../dist/signaling/index.js'
import { testViewer } from '../../dist/testing/index.js'

const BROADCASTS = 4
const BITRATE_BPS = 2_500_000
const [rounds = 5, seconds = 8, viewers = 0] = process.argv.slice(2).map(Number)
const PUBLISHERS = fileURLToPath(new URL('./clients/publish-many.mjs', import.meta.url))

const before = threads()
const sfu = new Sfu({ workers: 1, listenIps: '127.0.0.1' })
await sfu.ready()
// The only thread that has begun with the engine and is no helper of the runtime is the busiest of the new ones.
const born = [...threads().keys()].filter((tid) => !before.has(tid))
const server = createServer(nodeHttp(whipWhep(sfu)))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${server.address().port}`
const names = Array.from({ length: BROADCASTS }, (_, index) => `b${index}`)
const urls = names.map((name) => `${origin}/whip/${name}`)
const child = spawn(process.execPath, [PUBLISHERS, String(BITRATE_BPS), ...urls], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
await once(child.stdout, 'data')
const watching = names.flatMap((name) => Array.from({ length: viewers }, () => name))
await Promise.all(watching.map((name) => testViewer(async (offer) => (await sfu.broadcast(name).addViewer(offer)).sdp)))
await sleep(3000)

const dir = mkdtempSync(join(tmpdir(), 'manycast-bench-'))
const parts = { plain: [], recorded: [] }
let written = { bytes: 0, frames: 0, dropped: 0 }
for (let round = 0; round < rounds; round++) {
  parts.plain.push(await measure())
  const recordings = await Promise.all(names.map((name) => record(sfu.broadcast(name), { dir: join(dir, `${round}`) })))
  await sleep(2000)
  parts.recorded.push(await measure())
  for (const recording of recordings) {
    await recording.stop()
    const { bytes, frames, droppedFrames } = recording.stats()
    written = {
      bytes: written.bytes + bytes,
      frames: written.frames + frames.video,
      dropped: written.dropped + droppedFrames.video,
    }
  }
  await sleep(1000)
}
child.kill()
server.close()
server.closeAllConnections()
await sfu.close()
rmSync(dir, { recursive: true })

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1]
const figures = Object.fromEntries(
  Object.entries(parts).map(([what, list]) => [
    what,
    Object.fromEntries(['engine', 'application', 'others'].map((key) => [key, median(list.map((part) => part[key]))])),
  ]),
)
const percent = (value) => `${value.toFixed(2)} %`
console.log(
  `CPU, in percent of a core: medians of ${rounds} rounds of ${seconds} s; ${BROADCASTS} broadcasts of ${BITRATE_BPS / 1e6} Mbps, ${viewers} viewers each`,
)
console.log('| thread | not recorded | recorded | more | as a part |')
console.log('| --- | ---: | ---: | ---: | ---: |')
for (const key of ['engine', 'application', 'others']) {
  const [plain, recorded] = [figures.plain[key], figures.recorded[key]]
  console.log(
    `| ${key} | ${percent(plain)} | ${percent(recorded)} | ${percent(recorded - plain)} | ${percent((recorded / plain - 1) * 100)} |`,
  )
}
console.log(JSON.stringify({ figures, parts, written }))
process.exit(0)

/** What each kind of thread takes of a core, over some seconds. */
async function measure() {
  const from = threads()
  const fromMs = performance.now()
  await sleep(seconds * 1000)
  const to = threads()
  const wallMs = performance.now() - fromMs
  const used = new Map([...to].map(([tid, ms]) => [tid, ((ms - (from.get(tid) ?? 0)) * 100) / wallMs]))
  const engineTid = born.toSorted((a, b) => (to.get(b) ?? 0) - (to.get(a) ?? 0))[0]
  const engine = used.get(engineTid) ?? 0
  const application = used.get(process.pid) ?? 0
  const all = [...used.values()].reduce((sum, value) => sum + value, 0)
  return { engine, application, others: all - engine - application }
}

/** Milliseconds of CPU by thread of this process. */
function threads() {
  const found = new Map()
  for (const tid of readdirSync('/proc/self/task')) {
    try {
      const [ns] = readFileSync(`/proc/self/task/${tid}/schedstat`, 'utf8').split(' ')
      found.set(Number(tid), Number(ns) / 1e6)
    } catch {
      // It has ended in the meantime.
    }
  }
  return found
}
