/** There and back: what was recorded is played into a broadcast, and recorded again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/index.js'
import { record } from '../../../src/recording/index.js'
import { fileSource } from '../../../src/sources/index.js'
import { joinPublisher, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { mediaFiles, type ReadFile, type ReadTrack, readRecording } from '../../support/read-recording.js'
import { waitFor } from '../../support/wait-for.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'manycast-round-trip-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function only(folder: string): Promise<ReadFile & { readonly path: string }> {
  const [path, ...more] = await mediaFiles(folder)
  expect(more).toEqual([])
  return { ...(await readRecording(path as string)), path: path as string }
}

/** By how much the frames of a track are later than they were; the last ones belong together. */
function shiftMs(before: ReadTrack | undefined, after: ReadTrack | undefined): number {
  const [then, now] = [before?.packets ?? [], after?.packets ?? []]
  const shifts = now.map(({ ms }, index) => ms - (then.at(index - now.length)?.ms ?? 0))
  return shifts.toSorted((a, b) => a - b)[shifts.length >> 1] ?? Number.NaN
}

/** From the first frame of a track to the last. */
function spanMs(track: ReadTrack | undefined): number {
  const packets = track?.packets ?? []
  return (packets.at(-1)?.ms ?? Number.NaN) - (packets[0]?.ms ?? Number.NaN)
}

it('has the same frames, at the same times', async () => {
  const live = new Broadcast(TEST_OPTIONS)
  const first = await record(live, { dir: join(dir, 'live') })
  const publisher = await joinPublisher(live)
  await waitFor('four seconds', () => first.stats().durationMs > 4000)
  await first.stop()
  await publisher.close()
  await live.close()
  const before = await only(join(dir, 'live'))

  const played = new Broadcast(TEST_OPTIONS)
  const second = await record(played, { dir: join(dir, 'played') })
  const session = await played.addSource(fileSource(before.path))
  await new Promise<void>((resolve) => session.on('closed', () => resolve()))
  await second.stop()
  await played.close()
  const after = await only(join(dir, 'played'))

  expect(after.video?.packets.map(({ bytes }) => bytes)).toEqual(before.video?.packets.map(({ bytes }) => bytes))
  // Sound from before the first picture is left out.
  expect(after.audio?.packets.length).toBeGreaterThanOrEqual((before.audio?.packets.length ?? 0) - 2)
  expect(Math.abs(shiftMs(before.video, after.video) - shiftMs(before.audio, after.audio))).toBeLessThan(40)
  // Not of the whole files: that sound may have been a while before the picture.
  expect(Math.abs(spanMs(after.video) - spanMs(before.video))).toBeLessThan(100)
  expect(second.info().gaps).toEqual([])
})
