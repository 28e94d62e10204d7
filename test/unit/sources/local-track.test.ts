import { beforeEach, describe, expect, test } from 'vitest'
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import { type LayerSink, MAX_SEQ_GAP, type MediaSource, type StoredPacket } from '../../../src/media/types.js'
import { LocalTrack } from '../../../src/sources/local-track.js'
import { LocalTracks } from '../../../src/sources/local-tracks.js'
import { SyntheticAudio, SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { Scheduler } from '../../../src/util/scheduler.js'

interface Seen {
  readonly extSeq: number
  readonly seq: number
  readonly timestamp: number
  readonly marker: boolean
  readonly keyframe: boolean
}

class Recorder implements LayerSink {
  readonly seen: Seen[] = []
  onPacket({ bytes, start, extSeq, timestamp, marker, keyframe }: StoredPacket): void {
    this.seen.push({ extSeq, seq: bytes.readUInt16BE(start + 2), timestamp, marker, keyframe })
  }
}

let clock: VirtualClock
let scheduler: Scheduler
beforeEach(() => {
  clock = new VirtualClock()
  scheduler = new Scheduler(clock, clock)
})

const open = (source: LocalTracks): Promise<MediaSource> =>
  source.open({ id: 's', config: defaultMediaConfig(clock.unixOffsetMs), scheduler })

async function opened(track: LocalTrack) {
  const source = await open(new LocalTracks([track]))
  const layer = source.tracks[0]?.layers[0]
  if (!layer) throw new Error('a track has a layer')
  const sink = new Recorder()
  layer.addSink(sink)
  return { layer, sink }
}

/** A VP8 frame, as far as its first byte says (RFC 6386, section 9.1). */
function frame(keyframe: boolean, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes).fill(1)
  data.set(keyframe ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0] : [0x11, 0, 0])
  return data
}

describe('frames', () => {
  test('become packets that count up, with the marker at the end and the time of the frame', async () => {
    const video = new LocalTrack({ codec: 'VP8', maxPayloadBytes: 500 })
    const { sink } = await opened(video)
    expect(video.writeFrame({ data: frame(true, 1200), keyframe: true, timestampUs: 0 })).toBe(true)
    expect(video.writeFrame({ data: frame(false, 100), timestampUs: 33_333 })).toBe(true)
    expect(sink.seen.map(({ marker }) => marker)).toEqual([false, false, true, true])
    expect(sink.seen.map(({ timestamp }) => timestamp)).toEqual([0, 0, 0, 3000])
    expect(sink.seen.map(({ keyframe }) => keyframe)).toEqual([true, false, false, false])
    expect(sink.seen.map(({ extSeq }) => extSeq)).toEqual([0, 1, 2, 3])
    expect(video.stats()).toMatchObject({ frames: 2, packets: 4, keyframes: 1, refused: 0 })
  })

  test('wrap their 32-bit timestamps and 16-bit numbers', async () => {
    const audio = new LocalTrack({ codec: 'opus' })
    const { sink } = await opened(audio)
    const wrapUs = (2 ** 32 / 48_000) * 1_000_000
    audio.writeFrame({ data: new Uint8Array(9), timestampUs: wrapUs + 20_000 })
    expect(sink.seen[0]?.timestamp).toBe(960)
    for (let i = 0; i < 65_536; i++) audio.writeFrame({ data: new Uint8Array(9), timestampUs: i })
    expect(sink.seen.at(-1)).toMatchObject({ extSeq: 65_536, seq: 0 })
  })

  test('of all tracks are on one wall clock, which is set anew after a pause', async () => {
    const video = new LocalTrack({ codec: 'VP8' })
    const audio = new LocalTrack({ codec: 'opus' })
    const source = await open(new LocalTracks([video, audio]))
    const clocks = () =>
      source.tracks.map(({ layers }) => {
        const known = layers[0]?.captureClock
        return known && [known.ntpUnixMs - clock.unixOffsetMs, known.rtpTimestamp]
      })
    video.writeFrame({ data: frame(true, 100), keyframe: true, timestampUs: 1_000_000 })
    clock.advance(40)
    // Written late: what was captured together stays together.
    audio.writeFrame({ data: new Uint8Array(9), timestampUs: 1_000_000 })
    expect(clocks()).toEqual([
      [0, 90_000],
      [0, 48_000],
    ])
    clock.advance(60_000)
    video.writeFrame({ data: frame(true, 100), keyframe: true, timestampUs: 2_000_000 })
    audio.writeFrame({ data: new Uint8Array(9), timestampUs: 2_000_000 })
    expect(clocks()).toEqual([
      [60_040, 180_000],
      [60_040, 96_000],
    ])
  })

  test('that are none are refused, by an error or by false', async () => {
    const video = new LocalTrack({ codec: 'VP8' })
    expect(video.writeFrame({ data: frame(true, 10), timestampUs: 0 })).toBe(false)
    await opened(video)
    expect(video.writeFrame({ data: new Uint8Array(0), timestampUs: 0 })).toBe(false)
    expect(() => video.writeFrame({ data: 'x' as never, timestampUs: 0 })).toThrow('Uint8Array')
    expect(() => video.writeFrame({ data: frame(true, 10), timestampUs: Number.NaN })).toThrow('timestampUs')
    expect(video.stats()).toMatchObject({ frames: 0, packets: 0, refused: 2 })
  })

  test('go on in another codec of the kind', async () => {
    const video = new LocalTrack({ codec: 'H264' })
    const { layer } = await opened(video)
    video.setCodec('VP8')
    video.writeFrame({ data: frame(true, 10), keyframe: true, timestampUs: 0 })
    expect(layer.codec?.name).toBe('VP8')
    expect(() => video.setCodec('opus')).toThrow('video')
  })
})

describe('packets', () => {
  test('keep their numbers, and begin anew far behind with another SSRC', async () => {
    const video = new LocalTrack({ codec: 'VP8' })
    const { sink } = await opened(video)
    const one = new SyntheticVideo({ ssrc: 1, payloadType: 96, seq: 65_534 })
    const write = (packet: Buffer) => expect(video.writeRtp(packet)).toBe(true)
    for (let i = 0; i < 2; i++) one.frame(33, write, 2000)
    const first = sink.seen.map(({ extSeq }) => extSeq)
    expect(first).toEqual(first.map((_, i) => (first[0] as number) + i))
    const other = new SyntheticVideo({ ssrc: 2, payloadType: 100, seq: 7 })
    other.frame(33, write, 2000)
    const [next] = sink.seen.slice(first.length)
    expect(next).toMatchObject({ seq: 7, keyframe: true })
    expect((next?.extSeq as number) - (first.at(-1) as number)).toBeGreaterThan(MAX_SEQ_GAP)
    expect((next?.extSeq as number) & 0xffff).toBe(7)
  })

  test('that are duplicates, or none, are refused', async () => {
    const audio = new LocalTrack({ codec: 'opus' })
    const packets: Buffer[] = []
    new SyntheticAudio({ ssrc: 1, payloadType: 111 }).frame(50, (packet) => packets.push(packet))
    const [packet] = packets as [Buffer]
    expect(audio.writeRtp(packet)).toBe(false)
    await opened(audio)
    expect([packet, packet, packet.subarray(0, 11), new Uint8Array(0)].map((one) => audio.writeRtp(one))).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect(audio.stats().refused).toBe(4)
  })
})

test('keyframes are asked for while somebody waits, and not where that is of no use', async () => {
  for (const keyframesOnDemand of [true, false]) {
    const video = new LocalTrack({ codec: 'VP8', keyframesOnDemand })
    let asked = 0
    video.on('keyframe-request', () => asked++)
    const { layer } = await opened(video)
    expect(video.watched).toBe(true)
    layer.requestKeyframe(clock.nowMs())
    clock.advance(5000)
    expect(asked > 1).toBe(keyframesOnDemand)
    video.writeFrame({ data: frame(true, 10), keyframe: true, timestampUs: 0 })
    const before = asked
    clock.advance(5000)
    expect(asked).toBe(before)
  }
})

test('a source has tracks with ids of their own, and is opened once', async () => {
  expect(() => new LocalTracks([])).toThrow('tracks')
  expect(() => new LocalTracks([new LocalTrack({ codec: 'VP8' }), new LocalTrack({ codec: 'VP9' })])).toThrow('id')
  const track = new LocalTrack({ codec: 'VP8' })
  const source = new LocalTracks([track])
  await open(source)
  await expect(open(source)).rejects.toMatchObject({ code: 'request-invalid' })
  await expect(open(new LocalTracks([track]))).rejects.toMatchObject({ code: 'request-invalid' })
  source.close()
  source.close()
  expect(scheduler.size).toBe(0)
  await open(new LocalTracks([track]))
  expect(() => new LocalTrack({ codec: 'MPEG' as never })).toThrow('VP8')
  expect(() => new LocalTrack({ codec: 'VP8', maxPayloadBytes: 5000 })).toThrow('maxPayloadBytes')
})
