/**
 * What a long file costs: plays 1 GB of it a hundred times as fast as it is, and watches the memory. `npm run bench:play-file -- [file] [speed]`; without a file it makes
 * an IVF of pictures that are noise.
 */
import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultMediaConfig } from '../../dist/media/media-config.js'
import { fileSource } from '../../dist/sources/index.js'
import { systemTimers } from '../../dist/util/clock.js'
import { Scheduler } from '../../dist/util/scheduler.js'

const MB = 1024 * 1024
const FILE_BYTES = 1024 * MB
/** 2.5 Mbps at 30 frames a second. */
const FRAME_BYTES = 10_400
const KEYFRAME_EVERY = 60

const [given, speedText = '100'] = process.argv.slice(2)
const speed = Number(speedText)
const path = given ?? join(tmpdir(), `manycast-play-file-${process.pid}.ivf`)
if (given === undefined) await writeIvf(path)
const size = (await stat(path)).size
console.log(`${path}: ${(size / MB).toFixed(0)} MB, played ${speed} times as fast`)

const started = performance.now()
const clock = {
  nowMs: () => (performance.now() - started) * speed,
  unixMs: () => Date.now(),
}
const timers = { setTimer: (delayMs, fn) => systemTimers.setTimer(delayMs / speed, fn) }
const keepAlive = setInterval(() => {}, 1000)
const source = fileSource(path, { maxLateMs: 10_000 })
const media = await source.open({
  id: 'bench',
  config: defaultMediaConfig(0),
  scheduler: new Scheduler(clock, timers),
})
let bytes = 0
for (const { layers } of media.tracks) layers[0].addSink({ onPacket: (packet) => (bytes += packet.length) })

const samples = []
const sampling = setInterval(() => {
  const { rss, heapUsed, external } = process.memoryUsage()
  samples.push(rss)
  const { progress, stalls } = source.stats()
  const minutes = (progress?.positionMs ?? 0) / 60_000
  console.log(
    `${minutes.toFixed(1)} min, ${(bytes / MB).toFixed(0)} MB sent: rss ${(rss / MB).toFixed(0)} MB, heap ${(heapUsed / MB).toFixed(0)}, external ${(external / MB).toFixed(0)}, ${stalls} stalls`,
  )
}, 2000)
const cpuBefore = process.cpuUsage()
const error = await new Promise((resolve) => source.start(resolve))
clearInterval(sampling)
clearInterval(keepAlive)
const cpu = process.cpuUsage(cpuBefore)
const half = samples.slice(Math.floor(samples.length / 2))
const { frames, stalls } = source.stats()
console.log(
  JSON.stringify({
    error: error?.message,
    frames,
    stalls,
    megabytes: Math.round(bytes / MB),
    seconds: Math.round((performance.now() - started) / 1000),
    cpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(1)),
    rssFirstHalfMaxMb: Math.round(Math.max(...samples.slice(0, half.length)) / MB),
    rssSecondHalfMaxMb: Math.round(Math.max(...half) / MB),
  }),
)
await source.close()
if (given === undefined) await rm(path)

async function writeIvf(to) {
  const header = Buffer.alloc(32)
  header.write('DKIF')
  header.writeUInt16LE(32, 6)
  header.write('VP80', 8)
  header.writeUInt32LE(30, 16)
  header.writeUInt32LE(1, 20)
  const file = createWriteStream(to)
  file.write(header)
  const count = Math.floor(FILE_BYTES / (FRAME_BYTES + 12))
  for (let i = 0; i < count; i++) {
    const frame = Buffer.alloc(12 + FRAME_BYTES, i)
    frame.writeUInt32LE(FRAME_BYTES, 0)
    frame.writeBigUInt64LE(BigInt(i), 4)
    if (i % KEYFRAME_EVERY === 0) frame.set([0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0], 12)
    else frame[12] = 0x11
    if (!file.write(frame)) await new Promise((resolve) => file.once('drain', resolve))
  }
  await new Promise((resolve) => file.end(resolve))
}
