/** Over real sockets: what a publisher sends is in the files, whatever happens to it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/index.js'
import type { RecordingInfo } from '../../../src/recording/index.js'
import { type RecordedSegment, type RecordingGap, type RecordOptions, record } from '../../../src/recording/index.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { mediaFiles, type ReadPacket, readRecording } from '../../support/read-recording.js'
import { waitFor } from '../../support/wait-for.js'

let broadcast: Broadcast
let dir: string
beforeEach(async () => {
  broadcast = new Broadcast(TEST_OPTIONS)
  dir = await mkdtemp(join(tmpdir(), 'manycast-recording-'))
})
afterEach(async () => {
  await broadcast.close()
  await rm(dir, { recursive: true })
})

async function start(options: Partial<RecordOptions> = {}) {
  const recording = await record(broadcast, options.file === undefined ? { dir, ...options } : options)
  const gaps: RecordingGap[] = []
  const segments: RecordedSegment[] = []
  const errors: Error[] = []
  recording.on('gap', (gap) => gaps.push(gap))
  recording.on('segment', (segment) => segments.push(segment))
  recording.on('error', (error) => errors.push(error))
  return { recording, gaps, segments, errors }
}

function steps(packets: readonly ReadPacket[]): number[] {
  return packets.slice(1).map(({ ms }, index) => ms - (packets[index] as ReadPacket).ms)
}

it('has every frame from the first keyframe on, with sound and pictures from the same time', async () => {
  const { recording, gaps, segments } = await start()
  const publisher = await joinPublisher(broadcast)
  await waitFor('three seconds in the file', () => recording.stats().durationMs > 3000)
  const { sent } = publisher
  await recording.stop()
  const [path, ...more] = await mediaFiles(dir)
  expect(more).toEqual([])
  const file = await readRecording(path as string)
  expect(file).toMatchObject({ mimeType: 'video/webm', video: { codec: 'vp8' }, audio: { codec: 'opus' } })
  expect(file.video?.packets.length).toBeGreaterThanOrEqual(sent.video.frames - 1)
  expect(file.video?.packets[0]).toMatchObject({ ms: 0, key: true })
  // The testing kit's publisher reports its clocks badly: sound may be put right by a part of a second.
  expect(file.audio?.packets[0]?.ms).toBeLessThan(200)
  expect(steps(file.audio?.packets ?? []).filter((ms) => ms > 40).length).toBeLessThanOrEqual(1)
  expect(gaps).toEqual([])
  expect(segments).toHaveLength(1)
  expect(Math.abs(file.durationMs - (segments[0] as RecordedSegment).durationMs)).toBeLessThan(40)
  await publisher.close()
})

it('has a sidecar that says what is in the files', async () => {
  const { recording } = await start({ file: join(dir, 'show.webm') })
  const publisher = await joinPublisher(broadcast)
  await waitFor('a file', () => recording.stats().durationMs > 500)
  const read = async () => JSON.parse(await readFile(join(dir, 'show.json'), 'utf8')) as RecordingInfo
  await waitFor('the file in the sidecar', async () => (await read()).segments.length > 0)
  expect(await read()).toMatchObject({ state: 'recording', segments: [{ file: 'show.webm', complete: false }] })
  await recording.stop()
  const info = await read()
  expect(info).toEqual(recording.info())
  expect(info).toMatchObject({
    version: 1,
    publisher: 'main',
    state: 'ended',
    segments: [
      {
        file: 'show.webm',
        format: 'webm',
        complete: true,
        tracks: [
          { kind: 'video', codec: 'VP8', width: 640, height: 360 },
          { kind: 'audio', codec: 'opus' },
        ],
      },
    ],
    gaps: [],
  })
  await expect(record(broadcast, { file: join(dir, 'show.webm') })).rejects.toMatchObject({ code: 'recording-failed' })
  await publisher.close()
})

it('begins another file when it is time, with a keyframe that it asks for', async () => {
  const { recording, segments } = await start({ segmentSeconds: 1 })
  const publisher = await joinPublisher(broadcast)
  await waitFor('two complete files', () => segments.length >= 2)
  await recording.stop()
  expect(publisher.keyframeRequests).toBeGreaterThan(0)
  const files = await Promise.all((await mediaFiles(dir)).map(readRecording))
  expect(files.length).toBe(recording.info().segments.length)
  for (const { video } of files) expect(video?.packets[0]).toMatchObject({ ms: 0, key: true })
  const total = files.reduce((sum, { video }) => sum + (video?.packets.length ?? 0), 0)
  expect(total).toBe(recording.stats().frames.video)
  await publisher.close()
})

it('goes on in the same file when the publisher is replaced', async () => {
  const { recording, gaps } = await start()
  const first = await joinPublisher(broadcast)
  await waitFor('a second of the first', () => recording.stats().durationMs > 1000)
  const second = await joinPublisher(broadcast, { video: { width: 320, height: 180 } })
  const before = recording.stats().frames.video
  await waitFor('a second of the other', () => recording.stats().frames.video > before + 30)
  await recording.stop()
  const [path, ...more] = await mediaFiles(dir)
  expect(more).toEqual([])
  const file = await readRecording(path as string)
  expect(file.video?.packets.length).toBe(recording.stats().frames.video)
  for (const track of [file.video, file.audio])
    expect(Math.min(...steps(track?.packets ?? []))).toBeGreaterThanOrEqual(0)
  // How long nothing was captured depends on the machine; it may be no time at all.
  for (const { reason } of gaps) expect(reason).toBe('publisher-gone')
  await Promise.all([first.close(), second.close()])
})

it('begins another file behind a long time without a publisher', async () => {
  const { recording, segments } = await start({ maxGapSeconds: 1 })
  const first = await joinPublisher(broadcast)
  await waitFor('something of the first', () => recording.stats().durationMs > 300)
  await broadcast.publishers[0]?.close()
  await waitFor('the end of the file', () => segments.length === 1)
  const second = await joinPublisher(broadcast)
  await waitFor('something of the other', () => recording.stats().segments === 2)
  await recording.stop()
  expect(recording.info().segments.every(({ complete }) => complete)).toBe(true)
  expect(recording.info().gapTotals['publisher-gone']?.count).toBe(2)
  await Promise.all([first.close(), second.close()])
})

it('records pictures or sound alone, and nothing at all if nobody publishes', async () => {
  const none = await start({ dir: join(dir, 'none') })
  await none.recording.stop()
  expect(await mediaFiles(join(dir, 'none'))).toEqual([])
  expect(none.recording.state).toBe('ended')
  const sound = await start({ dir: join(dir, 'sound'), video: false })
  const publisher = await joinPublisher(broadcast)
  await waitFor('some sound', () => sound.recording.stats().durationMs > 300)
  await sound.recording.stop()
  const [path] = await mediaFiles(join(dir, 'sound'))
  expect(await readRecording(path as string)).toMatchObject({ video: undefined, audio: { codec: 'opus' } })
  await publisher.close()
})

it('records the publisher that is named, and several recordings have their own files', async () => {
  const slides = await start({ publisher: 'slides' })
  const main = await start({ publisher: 'main' })
  const publisher = await joinPublisher(broadcast)
  await waitFor('a file of the one', () => main.recording.stats().segments === 1)
  await Promise.all([slides.recording.stop(), main.recording.stop()])
  expect(slides.recording.stats().segments).toBe(0)
  expect(main.recording.info().publisher).toBe('main')
  await publisher.close()
})

it('ends with its broadcast', async () => {
  const { recording } = await start()
  const publisher = await joinPublisher(broadcast)
  await waitFor('a file', () => recording.stats().durationMs > 300)
  const ended = new Promise<void>((resolve) => recording.on('ended', resolve))
  await broadcast.close()
  await ended
  expect(recording.info()).toMatchObject({ state: 'ended', segments: [{ complete: true }] })
  await publisher.close()
})

it('tells its progress', async () => {
  const told: number[] = []
  const { recording } = await start({ onProgress: ({ durationMs }) => told.push(durationMs) })
  const publisher = await joinPublisher(broadcast)
  await waitFor('progress', () => told.some((ms) => ms > 0))
  await recording.stop()
  expect(told.at(-1)).toBe(recording.stats().durationMs)
  await publisher.close()
})

it('does not keep viewers from what they get when it starts and stops', async () => {
  const publisher = await joinPublisher(broadcast)
  const viewer = await joinViewer(broadcast)
  await viewer.whenReceived({ frames: 10 }, { withinMs: 15_000 })
  const { recording } = await start()
  await waitFor('a file', () => recording.stats().durationMs > 1000)
  await recording.stop()
  const since = viewer.received
  await viewer.whenReceived({ frames: 10 }, { withinMs: 15_000, since })
  await Promise.all([publisher.close(), viewer.close()])
})
