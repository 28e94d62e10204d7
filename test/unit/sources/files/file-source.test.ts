import { expect, it } from 'vitest'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import type { MediaSource } from '../../../../src/media/types.js'
import type { Codec } from '../../../../src/rtp/types.js'
import { FileSource, fileSource } from '../../../../src/sources/files/file-source.js'
import { type FileSourceOptions, fileSourceConfig } from '../../../../src/sources/files/file-source-options.js'
import type { MediaFile } from '../../../../src/sources/files/media-file.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'
import { Scheduler } from '../../../../src/util/scheduler.js'
import { fakeFile, OPUS, pass, VP8 } from './fake-player.js'

const VP9: Codec = { ...VP8, name: 'VP9', parameters: { 'profile-id': '0' } }

interface Packet {
  readonly kind: string
  readonly timestamp: number
  readonly codec: string
  readonly seq: number
}

/** Plays fake files into a broadcast that is not there. */
async function played(files: Readonly<Record<string, () => MediaFile>>, options: FileSourceOptions = {}) {
  const clock = new VirtualClock(5000)
  const scheduler = new Scheduler(clock, clock)
  const [path = '', ...playlist] = Object.keys(files)
  const config = fileSourceConfig(path, { ...options, playlist })
  const source = new FileSource(config, async (name) => (files[name] as () => MediaFile)())
  const events: string[] = []
  source.on('item', (name, item) => events.push(`item ${name} ${item}`))
  source.on('looped', (rounds) => events.push(`looped ${rounds}`))
  source.on('ended', () => events.push('ended'))
  source.on('stalled', () => events.push('stalled'))
  source.on('item-failed', (name, { message }) => events.push(`failed ${name}: ${message}`))
  const opened = await source.open({ id: 'film', config: defaultMediaConfig(clock.unixOffsetMs), scheduler })
  const packets = collectPackets(opened)
  source.start((error) => events.push(error === undefined ? 'end' : `end: ${(error as Error).message}`))
  return {
    clock,
    source,
    opened,
    packets,
    events,
    ofKind: (kind: string) => packets.filter((one) => one.kind === kind),
  }
}

function collectPackets(source: MediaSource): Packet[] {
  const packets: Packet[] = []
  for (const { kind, layers } of source.tracks) {
    layers[0]?.addSink({
      onPacket: ({ timestamp, codec, extSeq }) => packets.push({ kind, timestamp, codec: codec.name, seq: extSeq }),
    })
  }
  return packets
}

const distances = (numbers: readonly number[]) => [
  ...new Set(numbers.slice(1).map((value, i) => value - (numbers[i] as number))),
]

it('plays a file into tracks, and ends', async () => {
  const { clock, source, opened, events, ofKind } = await played({ a: () => fakeFile({ durationMs: 1000 }) })
  expect([opened.id, opened.tracks.map(({ kind }) => kind)]).toEqual(['film', ['video', 'audio']])
  expect(source.stats()).toMatchObject({ state: 'playing', progress: undefined, frames: 0 })
  await pass(clock, 500)
  const stats = source.stats()
  expect(stats.progress).toMatchObject({ path: 'a', item: 0, items: 1, round: 0, durationMs: 1000 })
  expect(stats.progress?.positionMs).toBeGreaterThan(450)
  expect(stats.readAheadBytes).toBeGreaterThan(0)
  await pass(clock, 600)
  expect(events).toEqual(['item a 0', 'ended', 'end'])
  expect([ofKind('video').length, ofKind('audio').length, source.stats().state]).toEqual([30, 50, 'closed'])
  expect(distances(ofKind('audio').map(({ timestamp }) => timestamp))).toEqual([960])
  expect(distances(ofKind('video').map(({ timestamp }) => timestamp))).toEqual([3000])
})

it('loops: timestamps and sequence numbers go on', async () => {
  const { clock, source, events, ofKind } = await played({ a: () => fakeFile({ durationMs: 1000 }) }, { loop: true })
  await pass(clock, 3500)
  expect(events).toEqual(['item a 0', 'looped 1', 'looped 2', 'looped 3'])
  expect(distances(ofKind('audio').map(({ timestamp }) => timestamp))).toEqual([960])
  expect(distances(ofKind('video').map(({ timestamp }) => timestamp))).toEqual([3000])
  expect(distances(ofKind('video').map(({ seq }) => seq))).toEqual([1])
  await source.close()
})

it('plays a playlist: the codec of a track changes with the file', async () => {
  const files = {
    a: () => fakeFile({ durationMs: 1000, codecs: [VP8] }),
    b: () => fakeFile({ durationMs: 1000, codecs: [VP9, OPUS] }),
  }
  const { clock, opened, events, ofKind } = await played(files)
  expect(opened.tracks).toHaveLength(2)
  await pass(clock, 2500)
  expect(events).toEqual(['item a 0', 'item b 1', 'ended', 'end'])
  const codecs = ofKind('video').map(({ codec }) => codec)
  expect(codecs).toEqual([...Array(30).fill('VP8'), ...Array(30).fill('VP9')])
  expect(distances(ofKind('video').map(({ timestamp }) => timestamp))).toEqual([3000])
  // Audio begins with the second file, a second after the first one.
  expect(ofKind('audio')[0]?.timestamp).toBe(48_000)
})

it('pauses, resumes and seeks', async () => {
  const { clock, source, packets, ofKind } = await played({ a: () => fakeFile({ durationMs: 60_000 }) })
  await pass(clock, 1000)
  source.pause()
  const { length } = packets
  await pass(clock, 2000)
  expect([packets.length, source.stats().state]).toEqual([length, 'paused'])
  await source.seek(30_000)
  await pass(clock, 1000)
  expect(packets).toHaveLength(length)
  source.resume()
  await pass(clock, 500)
  expect(source.stats().progress?.positionMs).toBeGreaterThan(30_400)
  const video = ofKind('video').map(({ timestamp }) => timestamp)
  expect(Math.max(...distances(video))).toBeGreaterThan(90 * 2900)
  expect(Math.min(...distances(video))).toBeGreaterThan(0)
  expect(video.at(-1)).toBeLessThan(90 * 4600)
})

it('tells viewers one clock for audio and video, through loops, pauses and seeks', async () => {
  const { clock, source, opened } = await played({ a: () => fakeFile({ durationMs: 3000 }) }, { loop: true })
  /** When the RTP timestamp of a track was 0, by its newest report. */
  const epochs = () =>
    opened.tracks.map(({ kind, layers }) => {
      const { ntpUnixMs, rtpTimestamp } = layers[0]?.captureClock ?? { ntpUnixMs: Number.NaN, rtpTimestamp: 0 }
      return ntpUnixMs - rtpTimestamp / (kind === 'video' ? 90 : 48)
    })
  await pass(clock, 1000)
  const [first = 0] = epochs()
  const steps = [() => pass(clock, 7000), () => source.pause(), () => pass(clock, 5000), () => source.resume()]
  for (const step of [...steps, () => source.seek(2500), () => source.seek(0)]) {
    await step()
    await pass(clock, 1100)
    // Frames are sent up to a millisecond late, as timers are.
    for (const epoch of epochs()) expect(Math.abs(epoch - first)).toBeLessThan(0.1)
  }
  await source.close()
})

it('counts the last of several seeks', async () => {
  const { clock, source } = await played({ a: () => fakeFile({ durationMs: 60_000 }) })
  await pass(clock, 500)
  await Promise.all([source.seek(10_000), source.seek(40_000), source.seek(20_000)])
  await pass(clock, 500)
  expect(source.stats().progress?.positionMs).toBeGreaterThan(20_000)
  expect(source.stats().progress?.positionMs).toBeLessThan(21_000)
})

it('begins as a pause, where it is told', async () => {
  const file = fakeFile({ durationMs: 60_000 })
  const source = new FileSource(fileSourceConfig('a', { startAtMs: 30_500 }), async () => file)
  const clock = new VirtualClock()
  source.pause()
  const opened = await source.open({ id: 'x', config: defaultMediaConfig(0), scheduler: new Scheduler(clock, clock) })
  const packets = collectPackets(opened)
  source.start(() => {})
  await pass(clock, 1000)
  expect([packets.length, source.stats().state]).toEqual([0, 'paused'])
  source.resume()
  await pass(clock, 100)
  expect(Math.floor((source.stats().progress?.positionMs ?? 0) / 1000)).toBe(30)
})

it('tells how far it is, and survives who listens', async () => {
  const told: number[] = []
  const onProgress = ({ positionMs }: { positionMs: number }) => {
    told.push(Math.round(positionMs / 100) * 100)
    throw new Error('a defect of the application')
  }
  const options = { onProgress, progressIntervalMs: 500 }
  const { clock } = await played({ a: () => fakeFile({ durationMs: 2000 }) }, options)
  await pass(clock, 2500)
  expect(told).toEqual([0, 500, 1000, 1500, 2000])
})

it('goes on with the next file where one fails, and ends with the error where the only one does', async () => {
  const failing = () => fakeFile({ durationMs: 1000, failsAtMs: 500 })
  const two = await played({ a: failing, b: () => fakeFile({ durationMs: 500 }) })
  await pass(two.clock, 2000)
  expect(two.events).toEqual(['item a 0', 'failed a: internal error: the disk is broken', 'item b 1', 'ended', 'end'])
  const one = await played({ a: failing }, { loop: true })
  await pass(one.clock, 2000)
  expect(one.events).toEqual(['item a 0', 'end: the disk is broken'])
})

it('closes its file, whatever it is doing', async () => {
  for (const ms of [0, 10, 500]) {
    const files: ReturnType<typeof fakeFile>[] = []
    const open = () => {
      const file = fakeFile({ durationMs: 60_000 })
      files.push(file)
      return file
    }
    const { clock, source, packets } = await played({ a: open })
    await pass(clock, ms)
    const seeking = source.seek(5000)
    await source.close()
    await seeking
    await source.close()
    const { length } = packets
    await pass(clock, 1000)
    expect(packets).toHaveLength(length)
    expect(files.map(({ closed }) => closed)).toEqual(files.map(() => 1))
    expect(clock.pending).toBe(0)
    await expect(source.seek(0)).rejects.toMatchObject({ code: 'closed' })
  }
})

it('goes into one broadcast, once, and refuses to seek before', async () => {
  const { source } = await played({ a: () => fakeFile({ durationMs: 1000 }) })
  const clock = new VirtualClock()
  const context = { id: 'y', config: defaultMediaConfig(0), scheduler: new Scheduler(clock, clock) }
  await expect(source.open(context)).rejects.toMatchObject({ code: 'request-invalid' })
  await expect(fileSource('a').seek(1)).rejects.toMatchObject({ code: 'request-invalid' })
  await source.close()
})

it('refuses a playlist of more than a thousand files', () => {
  const playlist = Array.from({ length: 1001 }, () => 'b')
  expect(() => fileSource('a', { playlist })).toThrow(expect.objectContaining({ details: { option: 'playlist' } }))
})

it.each([
  ['path', '', {}],
  ['path', 7, {}],
  ['loop', 'a', { loop: 1 }],
  ['startAtMs', 'a', { startAtMs: -1 }],
  ['startAtMs', 'a', { startAtMs: Number.NaN }],
  ['playlist', 'a', { playlist: 'b' }],
  ['playlist', 'a', { playlist: [''] }],
  ['frameRate', 'a', { frameRate: 0 }],
  ['maxPayloadBytes', 'a', { maxPayloadBytes: 1500 }],
  ['readAheadMs', 'a', { readAheadMs: 0 }],
  ['readAheadBytes', 'a', { readAheadBytes: 1.5 }],
  ['maxLateMs', 'a', { maxLateMs: 1e6 }],
  ['maxFrameBytes', 'a', { maxFrameBytes: 0 }],
  ['progressIntervalMs', 'a', { progressIntervalMs: 1 }],
  ['onProgress', 'a', { onProgress: 'x' }],
  ['skipUnsupported', 'a', { skipUnsupported: 'x' }],
  ['allowReordering', 'a', { allowReordering: 'x' }],
])('refuses %s of %j, %j', (option, path, options) => {
  expect(() => fileSource(path as string, options as FileSourceOptions)).toThrow(
    expect.objectContaining({ code: 'option-invalid', details: { option } }),
  )
})
