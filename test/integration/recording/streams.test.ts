/** Streams and disks that are slow, full, or fail: the recording suffers, and nobody else does. */
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast, type BroadcastError } from '../../../src/index.js'
import { record } from '../../../src/recording/index.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { readRecording } from '../../support/read-recording.js'
import { waitFor } from '../../support/wait-for.js'

let broadcast: Broadcast
beforeEach(() => {
  broadcast = new Broadcast(TEST_OPTIONS)
})
afterEach(() => broadcast.close())

/** Keeps what is written; `delayMs` for each piece, or an error instead of the piece that begins behind `failAfterBytes`. */
function memory({ delayMs = 0, failAfterBytes = Number.POSITIVE_INFINITY } = {}) {
  const pieces: Buffer[] = []
  const size = () => pieces.reduce((sum, { length }) => sum + length, 0)
  const writable = new Writable({
    write(piece: Buffer, _encoding, done) {
      if (size() > failAfterBytes) {
        done(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))
        return
      }
      pieces.push(piece)
      setTimeout(done, delayMs)
    },
  })
  return { writable, size, bytes: () => Buffer.concat(pieces) }
}

it('records to a stream of Node', async () => {
  const { writable, bytes } = memory()
  const recording = await record(broadcast, { writable })
  const publisher = await joinPublisher(broadcast)
  await waitFor('a second', () => recording.stats().durationMs > 1000)
  await recording.stop()
  expect(writable.writableFinished).toBe(true)
  const file = await readRecording(bytes())
  expect(file.video?.packets.length).toBe(recording.stats().frames.video)
  await publisher.close()
})

it('records to streams of the web, one for each file', async () => {
  const files = new Map<string, Uint8Array[]>()
  const recording = await record(broadcast, {
    segmentSeconds: 1,
    writable: (name) => {
      const pieces: Uint8Array[] = []
      files.set(name, pieces)
      return new WritableStream({ write: (piece) => void pieces.push(piece) })
    },
  })
  const publisher = await joinPublisher(broadcast)
  await waitFor('two files', () => recording.stats().segments >= 2)
  await recording.stop()
  expect([...files.keys()]).toEqual(recording.info().segments.map(({ file }) => file))
  for (const pieces of files.values()) {
    const file = await readRecording(Buffer.concat(pieces))
    expect(file.video?.packets[0]).toMatchObject({ ms: 0, key: true })
  }
  await publisher.close()
})

it('fails where a single stream would have to take another file', async () => {
  const { writable } = memory()
  const recording = await record(broadcast, { writable, segmentSeconds: 1 })
  const failed = new Promise<BroadcastError>((resolve) => recording.on('error', resolve))
  const publisher = await joinPublisher(broadcast)
  expect(await failed).toMatchObject({ code: 'recording-failed' })
  await publisher.close()
})

it('ends with one clear error when the disk is full, and viewers see nothing of it', async () => {
  const { writable, bytes } = memory({ failAfterBytes: 100_000 })
  const events: string[] = []
  const recording = await record(broadcast, { writable })
  recording.on('error', ({ code, message, details }) => events.push(`${code}: ${message} (${details.cause})`))
  recording.on('ended', () => events.push('ended'))
  const publisher = await joinPublisher(broadcast)
  const viewer = await joinViewer(broadcast)
  await waitFor('the end', () => events.includes('ended'))
  expect(events).toEqual(['recording-failed: recording failed: the disk is full (ENOSPC)', 'ended'])
  expect(recording.info()).toMatchObject({ state: 'failed', segments: [{ complete: false }] })
  // What was written before is a file.
  expect((await readRecording(bytes())).video?.packets.length).toBeGreaterThan(10)
  await recording.stop()
  await viewer.whenReceived({ frames: 30 }, { withinMs: 15_000, since: viewer.received })
  expect(viewer.received.video.lost + viewer.received.audio.lost).toBe(0)
  await Promise.all([publisher.close(), viewer.close()])
})

it('leaves out what a slow disk cannot take, up to a keyframe, and says how much', async () => {
  const { writable, bytes } = memory({ delayMs: 400 })
  const recording = await record(broadcast, { writable, maxQueueBytes: 64 * 1024 })
  const publisher = await joinPublisher(broadcast, { video: { bitrateBps: 2_000_000 } })
  const viewer = await joinViewer(broadcast)
  await waitFor('frames that were left out', () => recording.stats().droppedFrames.video > 30)
  const { mostQueuedBytes } = recording.stats()
  // One frame may be added when there is almost no room.
  expect(mostQueuedBytes).toBeLessThan(64 * 1024 + 64 * 1024)
  const since = viewer.received
  await viewer.whenReceived({ frames: 30 }, { withinMs: 15_000, since })
  await recording.stop()
  expect(recording.state).toBe('ended')
  const file = await readRecording(bytes())
  expect(file.video?.packets.length).toBe(recording.stats().frames.video)
  await Promise.all([publisher.close(), viewer.close()])
})
