/**
 * Plain RTP with the programs that it is for: FFmpeg and GStreamer are called as the source says, a real Chromium decodes what they send, and FFmpeg decodes
 * what a sink sends. Where a program is not installed, its tests are skipped: `test/integration/sources` has the same without them.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Broadcast } from '../../src/broadcast/broadcast.js'
import type { LocalCodecName } from '../../src/sources/index.js'
import { rtpSink } from '../../src/sources/rtp/rtp-sink.js'
import { type RtpSource, rtpSource } from '../../src/sources/rtp/rtp-source.js'
import { launchChromium } from '../support/browser.js'
import { Lab, type LabPeer } from '../support/lab/lab.mjs'
import { waitFor } from '../support/wait-for.js'

/** Encoders that are there, or nothing where FFmpeg is not. */
const encoders = String(spawnSync('ffmpeg', ['-hide_banner', '-encoders']).stdout ?? '')
const hasGStreamer = spawnSync('gst-inspect-1.0', ['--exists', 'vp8enc']).status === 0
if (encoders === '') console.log('FFmpeg is not installed: its tests are skipped')
if (!hasGStreamer) console.log('GStreamer is not installed: its test is skipped')

/** Other clocks would be apart by the random beginnings of timestamps: by seconds at least. */
const TOGETHER_MS = 400
const FPS = 15
const PICTURES = `testsrc2=size=320x180:rate=${FPS}[out0];sine=sample_rate=48000[out1]`
const FFMPEG_INPUT = { input: PICTURES, inputArguments: ['-re', '-f', 'lavfi'], videoBps: 300_000 }

let browser: Browser
let broadcast: Broadcast
let lab: Lab
const children: ChildProcess[] = []

beforeAll(async () => {
  browser = await launchChromium()
  // Whoever joins asks for a keyframe.
  broadcast = new Broadcast({ workers: 0, listenIps: '127.0.0.1', instantStartMaxAgeMs: 0 })
  lab = await Lab.open(browser, broadcast)
})
afterEach(async () => {
  for (const child of children.splice(0)) await end(child)
  await lab.everybodyLeaves()
})
afterAll(async () => {
  await lab?.close()
  await broadcast?.close()
  await browser?.close()
})

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

interface Received {
  readonly framesDecoded?: number
  readonly packetsLost?: number
  readonly packetsReceived?: number
  readonly estimatedPlayoutTimestamp?: number
}

function received({ page }: LabPeer): Promise<{ audio?: Received; video?: Received }> {
  return page.evaluate(() =>
    (globalThis as unknown as { lab: { received(): Promise<{ audio?: Received; video?: Received }> } }).lab.received(),
  )
}

const framesOf = async (viewer: LabPeer): Promise<number> => (await received(viewer)).video?.framesDecoded ?? 0

/** Watches until that many frames were decoded, and sound was heard; returns how many frames a second there were. */
async function watched(viewer: LabPeer, frames: number): Promise<number> {
  await waitFor('the first frames', async () => (await framesOf(viewer)) > 5, 60_000)
  const [before, sinceMs] = [await framesOf(viewer), performance.now()]
  await waitFor('more frames', async () => (await framesOf(viewer)) >= before + frames, 60_000)
  const fps = (1000 * ((await framesOf(viewer)) - before)) / (performance.now() - sinceMs)
  await waitFor('sound', async () => ((await received(viewer)).audio?.packetsReceived ?? 0) > 50)
  return fps
}

/** Waits until what is heard and what is seen were captured at the same time, ten times in a row; how close they are is for `bench:lip-sync` to say. */
async function together(viewer: LabPeer): Promise<void> {
  let inARow = 0
  await waitFor('audio and video together', async () => {
    const { audio, video } = await received(viewer)
    const skewMs = (audio?.estimatedPlayoutTimestamp ?? 0) - (video?.estimatedPlayoutTimestamp ?? Number.NaN)
    inARow = Math.abs(skewMs) < TOGETHER_MS ? inARow + 1 : 0
    return inARow >= 10
  })
}

async function publish(codec: LocalCodecName): Promise<RtpSource> {
  const source = rtpSource({ tracks: [{ codec }, { codec: 'opus' }] })
  await broadcast.addSource(source)
  return source
}

const VIDEO_ENCODERS = { VP8: 'libvpx ', VP9: 'libvpx-vp9', H264: 'libx264 ' } as const

for (const [codec, encoder] of Object.entries(VIDEO_ENCODERS) as [keyof typeof VIDEO_ENCODERS, string][]) {
  it.skipIf(!encoders.includes(encoder) || !encoders.includes('libopus'))(
    `Chromium shows what FFmpeg sends: ${codec}`,
    async ({ skip }) => {
      const source = await publish(codec)
      start('ffmpeg', source.ffmpegArguments(FFMPEG_INPUT))
      const viewer = await lab.watch({ audio: true })
      const decodes = await viewer.page.evaluate(
        (name) => RTCRtpReceiver.getCapabilities('video')?.codecs.some(({ mimeType }) => mimeType === `video/${name}`),
        codec,
      )
      if (!decodes) skip(`this Chromium does not decode ${codec}`)
      const fps = await watched(viewer, 45)
      await together(viewer)
      const { video } = await received(viewer)
      console.log(
        `FFmpeg ${codec}: ${video?.framesDecoded} frames decoded, ${fps.toFixed(1)} fps, lost`,
        video?.packetsLost,
      )
      expect(video?.packetsLost).toBe(0)
      expect(source.stats().tracks.map(({ packetsLost }) => packetsLost)).toEqual([0, 0])
    },
  )
}

it.skipIf(!hasGStreamer)(
  'Chromium shows what GStreamer sends, which makes keyframes when they are asked for',
  async () => {
    const source = await publish('VP8')
    start('gst-launch-1.0', source.gstreamerPipeline().split(' '))
    const keyframes = () => source.stats().tracks[0]?.keyframesReceived ?? 0
    await waitFor('a picture', () => keyframes() === 1, 60_000)
    // The next one by itself would be ten seconds away.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const viewer = await lab.watch({ audio: true })
    await waitFor('a keyframe on demand', () => keyframes() > 1, 5000)
    const fps = await watched(viewer, 45)
    const { video } = await received(viewer)
    console.log(
      `GStreamer VP8: ${video?.framesDecoded} frames decoded, ${fps.toFixed(1)} fps, lost`,
      video?.packetsLost,
    )
    expect(video?.packetsLost).toBe(0)
  },
)

it.skipIf(!encoders.includes('libvpx '))(
  'FFmpeg decodes what a sink sends, every frame from the keyframe on',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manycast-sink-'))
    const source = await publish('VP8')
    const sink = rtpSink({ host: '127.0.0.1', port: 24_680 })
    const remove = await broadcast.addSink(sink)
    try {
      const sent = start('ffmpeg', source.ffmpegArguments(FFMPEG_INPUT))
      const [text] = await new Promise<[string]>((resolve) => sink.once('sdp', (sdp) => resolve([sdp])))
      const file = join(folder, 'broadcast.sdp')
      writeFileSync(file, text)
      const seconds = 5
      const args = [
        '-protocol_whitelist',
        'file,udp,rtp',
        '-i',
        file,
        '-map',
        '0:v',
        '-f',
        'framecrc',
        '-t',
        `${seconds}`,
        '-',
      ]
      const receiver = start('ffmpeg', ['-hide_banner', '-nostats', ...args])
      const lines: string[] = []
      receiver.stdout?.on('data', (data: Buffer) => lines.push(...data.toString().split('\n')))
      let errors = ''
      receiver.stderr?.on('data', (data: Buffer) => {
        errors += data
      })
      await once(receiver, 'exit')
      await end(sent)
      // A line of framecrc: stream, decoding time, presentation time, and so on.
      const times = lines.filter((line) => /^0, /.test(line)).map((line) => Number(line.split(',')[2]))
      const steps = times.slice(1).map((time, k) => time - (times[k] as number))
      const step = steps.toSorted((a, b) => a - b)[steps.length >> 1] as number
      const missing = Math.round(((times.at(-1) as number) - (times[0] as number)) / step) + 1 - times.length
      console.log(`FFmpeg decoded ${times.length} frames that the sink sent, ${missing} missing in between`)
      expect(errors).not.toMatch(/missed \d+ packets|corrupt/)
      expect(times.length).toBeGreaterThan(FPS)
      expect(missing).toBe(0)
      expect(sink.stats()?.tracks.map(({ codec }) => codec)).toEqual(['VP8', 'opus'])
    } finally {
      remove()
      await sink.close()
      rmSync(folder, { recursive: true })
    }
  },
)
