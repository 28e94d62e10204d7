/** The picture sizes of the spatial layers within one stream, from the packets that publishers send. */
import { describe, expect, it } from 'vitest'
import { ForwardedLayer } from '../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import { writeRtpHeader } from '../../../src/rtp/rtp-writer.js'
import type { CodecName } from '../../../src/rtp/types.js'
import { L2T1_KEY, type WrittenStructure, writeDescriptor } from './codecs/dependency-bytes.js'
import { AV1_SEQUENCE_HEADERS, VP9_KEYFRAMES } from './codecs/encoded-sizes.js'

const DESCRIPTOR_ID = 9
const DESCRIPTOR_URI = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension'

/** A layer that is fed 20 pictures a second. */
class Stage {
  readonly layer = new ForwardedLayer({
    rid: undefined,
    kind: 'video',
    extensions: [{ id: DESCRIPTOR_ID, uri: DESCRIPTOR_URI }],
    config: defaultMediaConfig(0),
    wishes: { sendKeyframeRequest: () => {} },
  })
  readonly #name: CodecName
  #nowMs = 0
  #extSeq = 100

  constructor(name: CodecName) {
    this.#name = name
  }

  /** The packets of a picture, each with its dependency descriptor. */
  picture(...packets: readonly (readonly [payload: Buffer, descriptor?: Buffer])[]): void {
    this.#nowMs += 50
    const codec = { name: this.#name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const
    for (const [payload, descriptor] of packets) {
      const packet = rtp(this.#nowMs * 90, payload, descriptor)
      expect(this.layer.accept(packet, 0, packet.length, this.#extSeq++, codec, this.#nowMs)).toBe(true)
    }
  }

  /** Of each part: its spatial layer and its size. */
  get sizes(): (readonly [spatialId: number, width: number | undefined, height: number | undefined])[] {
    const { sublayers } = this.layer.info(this.#nowMs)
    return sublayers.map(({ spatialId, width, height }) => [spatialId, width, height])
  }

  get largest(): (number | undefined)[] {
    const { width, height } = this.layer.info(this.#nowMs)
    return [width, height]
  }
}

/** A packet with the descriptor in an element with a header of two bytes (RFC 8285, section 4.3). */
function rtp(timestamp: number, payload: Buffer, descriptor?: Buffer): Buffer {
  const element = descriptor ? Buffer.concat([Buffer.from([DESCRIPTOR_ID, descriptor.length]), descriptor]) : undefined
  const block = element ? Buffer.alloc(4 + ((element.length + 3) & ~3)) : Buffer.alloc(0)
  if (element) {
    block.writeUInt16BE(0x1000, 0)
    block.writeUInt16BE((block.length - 4) / 4, 2)
    element.copy(block, 4)
  }
  const packet = Buffer.concat([Buffer.alloc(12), block, payload])
  writeRtpHeader(packet, 0, false, 96, 0, timestamp, 1, element !== undefined)
  return packet
}

function encoded(samples: typeof VP9_KEYFRAMES, width: number, ...before: number[]): Buffer {
  const hex = samples.find((sample) => sample[1] === width)?.[3] ?? ''
  return Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex')])
}

const UNKNOWN = [undefined, undefined] as const

describe('VP9', () => {
  const structure = (...sizes: readonly (readonly [number, number])[]): number[] => [
    ((sizes.length - 1) << 5) | 0x10,
    ...sizes.flatMap(([width, height]) => [width >> 8, width & 0xff, height >> 8, height & 0xff]),
  ]
  const lower = (inter: boolean): Buffer => Buffer.from([inter ? 0x6c : 0x2c, 0x00, 7, 0x82, 1, 2, 3])
  const upper = (inter: boolean): Buffer => Buffer.from([inter ? 0x6c : 0x2c, 0x03, 7, 0x82, 1, 2, 3])
  const keyframe = (...sizes: readonly (readonly [number, number])[]): Buffer =>
    Buffer.concat([Buffer.from([0x2e, 0x00, 7, ...structure(...sizes)]), encoded(VP9_KEYFRAMES, 320)])

  it('states them in its scalability structure', () => {
    const stage = new Stage('VP9')
    stage.picture([keyframe([480, 270], [1280, 720])], [upper(false)])
    for (let i = 0; i < 20; i++) stage.picture([lower(true)], [upper(true)])
    expect(stage.largest).toEqual([1280, 720])
    expect(stage.sizes).toEqual([
      [0, 480, 270],
      [1, 1280, 720],
    ])
    stage.picture([keyframe([0, 0], [640, 360])], [upper(false)])
    for (let i = 0; i < 2; i++) stage.picture([lower(true)], [upper(true)])
    expect(stage.largest).toEqual([640, 360])
    expect(stage.sizes).toEqual([
      [0, ...UNKNOWN],
      [1, 640, 360],
    ])
  })

  it('states none with a keyframe that has no structure, whatever one had before', () => {
    const stage = new Stage('VP9')
    stage.picture([keyframe([480, 270], [1280, 720])], [upper(false)])
    for (let i = 0; i < 20; i++) stage.picture([lower(true)], [upper(true)])
    stage.picture([encoded(VP9_KEYFRAMES, 854, 0x2c, 0x00, 7)], [upper(false)])
    for (let i = 0; i < 2; i++) stage.picture([lower(true)], [upper(true)])
    expect(stage.largest).toEqual([854, 480])
    expect(stage.sizes).toEqual([
      [0, ...UNKNOWN],
      [1, ...UNKNOWN],
    ])
  })
})

describe.each(['AV1', 'H264'] as const)('%s with the dependency descriptor', (name) => {
  const keyframe = name === 'AV1' ? encoded(AV1_SEQUENCE_HEADERS, 854, 0x18, 0x08) : Buffer.from('65888400', 'hex')
  const frame = name === 'AV1' ? Buffer.from('10301122', 'hex') : Buffer.from('419a1234', 'hex')

  /** A keyframe and a second of what follows. */
  function feed(stage: Stage, first: number, structure: WrittenStructure): void {
    let frameNumber = first
    const describe = (templateId: number, sent?: WrittenStructure): Buffer =>
      writeDescriptor({ templateId, frameNumber: frameNumber++, structure: sent, inForce: structure })
    stage.picture([keyframe, describe(0, structure)], [frame, describe(2)])
    for (let i = 0; i < 20; i++) stage.picture([frame, describe(1)], [frame, describe(3)])
  }

  it('states them in its structure', () => {
    const stage = new Stage(name)
    feed(stage, 1, L2T1_KEY)
    expect(stage.sizes).toEqual([
      [0, 320, 180],
      [1, 640, 360],
    ])
    // The codec's own word goes for the whole.
    expect(stage.largest).toEqual(name === 'AV1' ? [854, 480] : [640, 360])
    const resolutions = [
      { width: 480, height: 270 },
      { width: 1280, height: 720 },
    ]
    feed(stage, 101, { ...L2T1_KEY, resolutions })
    expect(stage.sizes).toEqual([
      [0, 480, 270],
      [1, 1280, 720],
    ])
    feed(stage, 201, { ...L2T1_KEY, resolutions: undefined })
    const none = [
      [0, ...UNKNOWN],
      [1, ...UNKNOWN],
    ]
    expect(stage.sizes).toEqual(none)
    feed(stage, 301, L2T1_KEY)
    stage.picture([keyframe])
    expect(stage.sizes.map(([spatialId]) => spatialId)).toEqual([0, 1])
    for (let i = 0; i < 2; i++) stage.picture([frame])
    expect(stage.sizes).toEqual(none)
  })
})
