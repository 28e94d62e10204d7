import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { MediaFrame } from '../../../../src/sources/files/media-file.js'
import { Playlist } from '../../../../src/sources/files/playlist.js'
import { ReadAhead } from '../../../../src/sources/files/read-ahead.js'
import { fakeFile, VP8 } from './fake-player.js'

function readAhead(
  limits: { maxMs: number; maxBytes: number },
  beforeFrame?: (frame: MediaFrame) => Promise<void> | undefined,
) {
  const log = { ready: 0, read: 0 }
  const file = fakeFile({
    durationMs: 60_000,
    codecs: [VP8],
    fps: 25,
    beforeFrame: (frame) => {
      log.read++
      return beforeFrame?.(frame)
    },
  })
  const playlist = new Playlist({ paths: ['a'], loop: true, open: async () => file, onItemFailed: () => {} })
  const frames = new ReadAhead(playlist.frames(0, 0), limits, () => log.ready++)
  return { frames, log }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await setImmediate()
}

it('reads no further ahead than it may, in time', async () => {
  const { frames, log } = readAhead({ maxMs: 1000, maxBytes: 1e6 })
  await settle()
  expect([log.read, log.ready]).toEqual([26, 1])
  // It reads again when half of it was played.
  for (let i = 0; i < 12; i++) frames.shift()
  await settle()
  expect(log.read).toBe(26)
  for (let i = 0; i < 2; i++) frames.shift()
  await settle()
  expect(log.read).toBe(40)
})

it('reads no further ahead than it may, in bytes', async () => {
  const { frames, log } = readAhead({ maxMs: 60_000, maxBytes: 1000 })
  await settle()
  expect([log.read, frames.bytes]).toEqual([10, 1000])
  for (let i = 0; i < 5000; i++) {
    frames.shift()
    if (frames.first === undefined) await settle()
  }
  expect(frames.bytes).toBeLessThanOrEqual(1000)
})

it('says when there is something to play again', async () => {
  let release = () => {}
  const { frames, log } = readAhead({ maxMs: 1000, maxBytes: 1e6 }, ({ timestampUs }) =>
    timestampUs === 400_000 ? new Promise<void>((resolve) => (release = resolve)) : undefined,
  )
  await settle()
  for (let i = 0; i < 10; i++) frames.shift()
  expect([frames.first, log.ready]).toEqual([undefined, 1])
  release()
  await settle()
  expect([frames.first?.lineUs, log.ready]).toEqual([400_000, 2])
})

it('stops reading for good, and forgets what it has', async () => {
  const { frames, log } = readAhead({ maxMs: 1000, maxBytes: 1e6 })
  await settle()
  await frames.stop()
  const { read } = log
  frames.shift()
  await settle()
  expect([frames.first, frames.bytes, log.read]).toEqual([undefined, 0, read])
})
