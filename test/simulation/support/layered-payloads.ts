/** The heads of payloads that say which layers they belong to; what follows is filler. */
import { writeUint16 } from '../../../src/rtp/bytes.js'

/** What a payload's head tells. */
export interface PayloadFacts {
  readonly key: boolean
  readonly spatialId: number
  readonly temporalId: number
  readonly switching: boolean
  /** How many pictures back what the frame needs lies, for the flexible mode of VP9. */
  readonly needs: readonly number[]
  /** It needs the next lower spatial layer of its picture. */
  readonly needsLower: boolean
  readonly pictureId: number
  readonly pictureIdBits: 7 | 15
  readonly tl0PicIdx: number
  readonly first: boolean
  readonly last: boolean
  /** Sizes of the spatial layers. */
  readonly sizes: readonly { readonly width: number; readonly height: number }[]
  /** False for a stream that does not say its layers. */
  readonly layered: boolean
  /** VP8 as Chromium sends it with the dependency descriptor: without picture ids, either. */
  readonly bare: boolean
  readonly flexible: boolean
}

/** The head of a payload of that codec. */
export function payloadHead(codec: string, facts: PayloadFacts): Buffer {
  if (codec === 'VP8') return vp8Head(facts)
  if (codec === 'VP9') return vp9Head(facts)
  return codec === 'AV1' ? av1Head(facts) : h264Head(facts)
}

function pictureIdBytes({ pictureId, pictureIdBits }: PayloadFacts): number[] {
  return pictureIdBits === 7 ? [pictureId & 0x7f] : [0x80 | (pictureId >> 8), pictureId & 0xff]
}

/** RFC 7741, section 4.2; RFC 6386, section 9.1. */
function vp8Head(facts: PayloadFacts): Buffer {
  const { key, first, layered, temporalId, switching, tl0PicIdx, sizes } = facts
  const layers = layered ? [tl0PicIdx, (temporalId << 6) | (switching && temporalId > 0 ? 0x20 : 0)] : []
  const extended = facts.bare ? [] : [layered ? 0xe0 : 0x80, ...pictureIdBytes(facts), ...layers]
  const descriptor = [(facts.bare ? 0 : 0x80) | (first ? 0x10 : 0), ...extended]
  if (!first) return Buffer.from(descriptor)
  const tag = [key ? 0x10 : 0x11, 0x02, 0]
  const size = Buffer.alloc(4)
  size.writeUInt16LE(sizes[0]?.width ?? 0, 0)
  size.writeUInt16LE(sizes[0]?.height ?? 0, 2)
  return Buffer.from([...descriptor, ...tag, ...(key ? [0x9d, 0x01, 0x2a, ...size] : [])])
}

/** RFC 9628, section 4.2. */
function vp9Head(facts: PayloadFacts): Buffer {
  const { key, first, last, layered, flexible, spatialId, temporalId, switching, needsLower, sizes } = facts
  const withStructure = key && first && spatialId === 0
  const isTop = spatialId === sizes.length - 1
  const bits: [boolean, number][] = [
    [true, 0x80],
    [!key, 0x40],
    [layered, 0x20],
    [flexible, 0x10],
    [first, 0x08],
    [last, 0x04],
    [withStructure, 0x02],
    [isTop, 0x01],
  ]
  const flags = bits.reduce((sum, [set, bit]) => sum + (set ? bit : 0), 0)
  const ids = (temporalId << 5) | (switching ? 0x10 : 0) | (spatialId << 1) | (needsLower ? 1 : 0)
  const layers = layered ? [ids, ...(flexible ? [] : [facts.tl0PicIdx])] : []
  const references = facts.needs.map((back, i) => (back << 1) | (i + 1 < facts.needs.length ? 1 : 0))
  const head = [flags, ...pictureIdBytes(facts), ...layers, ...(flexible && !key ? references : [])]
  return Buffer.concat([Buffer.from(head), withStructure ? scalabilityStructure(sizes) : Buffer.alloc(0)])
}

/** Y without G: the sizes of the layers. */
function scalabilityStructure(sizes: PayloadFacts['sizes']): Buffer {
  const out = Buffer.alloc(1 + 4 * sizes.length)
  out[0] = ((sizes.length - 1) << 5) | 0x10
  for (const [i, { width, height }] of sizes.entries()) {
    writeUint16(out, 1 + 4 * i, width)
    writeUint16(out, 3 + 4 * i, height)
  }
  return out
}

/** One OBU over the packets of a frame: Z and Y where it goes on, W of one, N at the beginning of a sequence. */
function av1Head({ key, first, last, spatialId }: PayloadFacts): Buffer {
  const aggregation = (first ? 0 : 0x80) | (last ? 0 : 0x40) | 0x10 | (key && first && spatialId === 0 ? 0x08 : 0)
  return Buffer.from(first ? [aggregation, 0x30] : [aggregation])
}

/** A slice in fragments (RFC 6184, section 5.8). */
function h264Head({ key, first, last }: PayloadFacts): Buffer {
  return Buffer.from([0x7c, (first ? 0x80 : 0) | (last && !first ? 0x40 : 0) | (key ? 5 : 1)])
}
