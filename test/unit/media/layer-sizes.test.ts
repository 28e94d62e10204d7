/** The picture size of a layer, from the packets that publishers send. */
import { describe, expect, it, test } from 'vitest'
import { ForwardedLayer } from '../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import type { CodecName } from '../../../src/rtp/types.js'
import { SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import {
  AV1_SEQUENCE_HEADERS,
  type Encoded,
  H264_PARAMETER_SETS,
  H265_PARAMETER_SETS,
  H265_PICTURE_PARAMETER_SET,
  H265_VIDEO_PARAMETER_SET,
  VP8_KEYFRAMES,
  VP9_KEYFRAMES,
} from './codecs/encoded-sizes.js'

/** A layer that is fed payloads. */
class Stage {
  readonly layer = new ForwardedLayer({
    rid: undefined,
    kind: 'video',
    extensions: [],
    config: defaultMediaConfig(0),
    wishes: { sendKeyframeRequest: () => {} },
  })
  readonly #name: CodecName
  #nowMs = 0

  constructor(name: CodecName) {
    this.#name = name
  }

  feed(extSeq: number, timestamp: number, payload: Buffer): void {
    const packet = new SyntheticVideo({ ssrc: 1, payloadType: 96, timestamp }).packet(payload, false)
    const codec = { name: this.#name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const
    expect(this.layer.accept(packet, 0, packet.length, extSeq, codec, this.#nowMs)).toBe(true)
  }

  /** Once the facts have been put together anew. */
  get size(): { width: number | undefined; height: number | undefined } {
    this.#nowMs += 200
    const { width, height } = this.layer.info(this.#nowMs)
    return { width, height }
  }
}

const UNKNOWN = { width: undefined, height: undefined }
const SMALL = { width: 854, height: 480 }
const LARGE = { width: 1366, height: 768 }

/** What an encoder wrote for that width. */
function encoded(samples: readonly Encoded[], width: number, ...before: number[]): Buffer {
  const hex = samples.find((sample) => sample[1] === width)?.[3] ?? ''
  return Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex')])
}

/** Units in an aggregate behind the given header. */
function aggregate(header: number[], ...units: Buffer[]): Buffer {
  const sized = units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit])
  return Buffer.concat([Buffer.from(header), ...sized])
}

const PPS = Buffer.from('68ce0fc8', 'hex')
const IDR = Buffer.from('65888400', 'hex')
const IDR_START = Buffer.from('7c85888400', 'hex')
const IDR_REST = Buffer.from('7c45112233', 'hex')
const SLICE = Buffer.from('419a1234', 'hex')
const sps = (width: number): Buffer => encoded(H264_PARAMETER_SETS, width)

const VPS5 = Buffer.from(H265_VIDEO_PARAMETER_SET, 'hex')
const PPS5 = Buffer.from(H265_PICTURE_PARAMETER_SET, 'hex')
const IDR5 = Buffer.from('2601af12', 'hex')
const sps5 = (width: number): Buffer => encoded(H265_PARAMETER_SETS, width)

/** The packets of a keyframe, as senders cut them. */
const KEYFRAMES: readonly [name: CodecName, how: string, packets: (width: number) => Buffer[]][] = [
  ['H264', 'parameter sets together', (width) => [aggregate([0x78], sps(width), PPS), IDR_START, IDR_REST]],
  ['H264', 'all in one', (width) => [aggregate([0x78], sps(width), PPS, IDR)]],
  ['H264', 'every unit on its own', (width) => [sps(width), PPS, IDR_START, IDR_REST]],
  ['H264', 'behind a delimiter', (width) => [Buffer.from('09f0', 'hex'), sps(width), PPS, IDR]],
  ['H264', 'slices before a repeated set', (width) => [IDR, sps(width), PPS, IDR]],
  ['H265', 'parameter sets together', (width) => [aggregate([0x60, 1], VPS5, sps5(width), PPS5), IDR5]],
  ['H265', 'every unit on its own', (width) => [VPS5, sps5(width), PPS5, IDR5]],
  [
    'AV1',
    'header and frame',
    (width) => [encoded(AV1_SEQUENCE_HEADERS, width, 0x18, 0x08), Buffer.from('90301122', 'hex')],
  ],
  ['VP9', 'no structure', (width) => [encoded(VP9_KEYFRAMES, width, 0x08), Buffer.from('04112233', 'hex')]],
  ['VP8', 'one partition', (width) => [encoded(VP8_KEYFRAMES, width, 0x10), Buffer.from('00112233', 'hex')]],
]

describe.each(KEYFRAMES)('a keyframe of %s, %s', (name, _, packets) => {
  it('states the size, and the next one another', () => {
    const stage = new Stage(name)
    expect(stage.size).toEqual(UNKNOWN)
    let extSeq = 100
    for (const payload of packets(854)) stage.feed(extSeq++, 3000, payload)
    expect(stage.size).toEqual(SMALL)
    for (const payload of packets(1366)) stage.feed(extSeq++, 6000, payload)
    expect(stage.size).toEqual(LARGE)
    expect(stage.layer.keyframes).toBe(2)
  })

  it('states it in whichever order its packets arrive', () => {
    const stage = new Stage(name)
    const small = packets(854)
    for (const [i, payload] of small.entries()) stage.feed(100 + i, 3000, payload)
    const large = [...packets(1366).entries()].reverse()
    for (const [i, payload] of large) stage.feed(100 + small.length + i, 6000, payload)
    expect(stage.size).toEqual(LARGE)
  })

  it('that comes late does not undo a later one', () => {
    const stage = new Stage(name)
    const late = packets(854)
    for (const [i, payload] of packets(1366).entries()) stage.feed(100 + late.length + i, 6000, payload)
    for (const [i, payload] of late.entries()) stage.feed(100 + i, 3000, payload)
    expect(stage.size).toEqual(LARGE)
  })
})

test('a keyframe without parameter sets leaves the size as it is', () => {
  const stage = new Stage('H264')
  stage.feed(1, 0, sps(854))
  stage.feed(2, 0, PPS)
  stage.feed(3, 0, IDR)
  stage.feed(4, 3000, SLICE)
  stage.feed(5, 6000, IDR)
  expect(stage.size).toEqual(SMALL)
})
