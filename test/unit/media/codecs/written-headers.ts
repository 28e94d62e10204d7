/** Parameter sets and sequence headers with everything in them that encoders at hand do not write, as far as the picture size. */
import { BitWriter } from './bit-writer.js'

/** A three behind two zeros, wherever the bytes could be taken for a start code (ITU-T H.264, section 7.4.1). */
export function escapeUnit(bytes: Uint8Array): number[] {
  const out: number[] = []
  let zeros = 0
  for (const byte of bytes) {
    if (zeros === 2 && byte <= 3) {
      out.push(3)
      zeros = 0
    }
    out.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return out
}

/** What is cropped, or taken off the window: left, right, top, bottom. */
export type Cropping = readonly [number, number, number, number]

export interface WrittenH264 {
  readonly profile: number
  readonly id: number
  readonly chroma: number
  readonly separatePlanes: boolean
  /** The deltas of each list; a list that is not sent is null. */
  readonly scalingLists: readonly (readonly number[] | null)[] | null
  readonly orderType: 0 | 1 | 2
  readonly cycle: readonly number[]
  readonly macroblocks: number
  readonly mapUnits: number
  readonly framesOnly: boolean
  readonly cropping: Cropping | null
}

/** The unit with its header. */
export function writeH264(set: WrittenH264): number[] {
  const out = new BitWriter()
  out.bits(set.profile, 8)
  out.bits(0x001f, 16)
  out.unsignedExpGolomb(set.id)
  if (set.profile >= 100) {
    out.unsignedExpGolomb(set.chroma)
    if (set.chroma === 3) out.flag(set.separatePlanes)
    out.unsignedExpGolomb(2, 2)
    out.flag(false)
    out.flag(set.scalingLists !== null)
    for (const deltas of set.scalingLists ?? []) {
      out.flag(deltas !== null)
      for (const delta of deltas ?? []) out.signedExpGolomb(delta)
    }
  }
  out.unsignedExpGolomb(4, set.orderType)
  if (set.orderType === 0) out.unsignedExpGolomb(6)
  if (set.orderType === 1) {
    out.flag(true)
    out.signedExpGolomb(-3)
    out.signedExpGolomb(2)
    out.unsignedExpGolomb(set.cycle.length)
    for (const offset of set.cycle) out.signedExpGolomb(offset)
  }
  out.unsignedExpGolomb(3)
  out.flag(false)
  out.unsignedExpGolomb(set.macroblocks - 1, set.mapUnits - 1)
  out.flag(set.framesOnly)
  if (!set.framesOnly) out.flag(true)
  out.flag(true)
  out.flag(set.cropping !== null)
  out.unsignedExpGolomb(...(set.cropping ?? []))
  out.bits(1, 2)
  return [0x67, ...escapeUnit(out.bytes())]
}

export interface WrittenH265 {
  /** Of each sub-layer below the whole: whether its profile and its level are sent. */
  readonly sublayers: readonly (readonly [profile: boolean, level: boolean])[]
  readonly chroma: number
  readonly width: number
  readonly height: number
  readonly window: Cropping | null
}

/** The unit with its header. */
export function writeH265(set: WrittenH265): number[] {
  const out = new BitWriter()
  const { sublayers } = set
  out.bits(0, 4)
  out.bits(sublayers.length, 3)
  out.flag(true)
  const profile = (): void => {
    for (const value of [0x0160, 0, 0, 0x9000, 0]) out.bits(value, 16)
    out.bits(0, 8)
  }
  profile()
  out.bits(93, 8)
  for (const [hasProfile, hasLevel] of sublayers) {
    out.flag(hasProfile)
    out.flag(hasLevel)
  }
  if (sublayers.length > 0) out.bits(0, 2 * (8 - sublayers.length))
  for (const [hasProfile, hasLevel] of sublayers) {
    if (hasProfile) profile()
    if (hasLevel) out.bits(90, 8)
  }
  out.unsignedExpGolomb(0, set.chroma)
  if (set.chroma === 3) out.flag(false)
  out.unsignedExpGolomb(set.width, set.height)
  out.flag(set.window !== null)
  out.unsignedExpGolomb(...(set.window ?? []))
  out.unsignedExpGolomb(0, 0, 4)
  return [0x42, 0x01, ...escapeUnit(out.bytes())]
}

export interface WrittenPoint {
  readonly level: number
  /** The delays of the decoder model; null where they are not sent. */
  readonly delays: readonly [number, number] | null
  readonly displayDelay: number | null
}

export interface WrittenAv1 {
  readonly reduced: boolean
  /** `ticks` is null where pictures are not at equal intervals, `delayBits` where there is no decoder model. */
  readonly timing: { readonly ticks: number | null; readonly delayBits: number | null } | null
  readonly hasDisplayDelay: boolean
  readonly points: readonly WrittenPoint[]
  readonly width: number
  readonly height: number
  /** More than the size needs. */
  readonly spareBits: number
}

/** The OBU without its header. */
export function writeAv1(header: WrittenAv1): number[] {
  const out = new BitWriter()
  const { timing, points, reduced, spareBits } = header
  const delayBits = timing?.delayBits ?? 0
  out.bits(0, 3)
  out.flag(reduced)
  out.flag(reduced)
  if (reduced) out.bits(9, 5)
  else {
    out.flag(timing !== null)
    if (timing !== null) {
      out.bits(1001, 32)
      out.bits(30_000, 32)
      out.flag(timing.ticks !== null)
      if (timing.ticks !== null) out.unsignedExpGolomb(timing.ticks)
      out.flag(delayBits > 0)
      if (delayBits > 0) {
        out.bits(delayBits - 1, 5)
        out.bits(0xdead_beef, 32)
        out.bits(0x3ff, 10)
      }
    }
    out.flag(header.hasDisplayDelay)
    out.bits(points.length - 1, 5)
    for (const { level, delays, displayDelay } of points) {
      out.bits(0x101, 12)
      out.bits(level, 5)
      if (level > 7) out.flag(true)
      if (delayBits > 0) {
        out.flag(delays !== null)
        for (const delay of delays ?? []) out.bits(delay % 2 ** delayBits, delayBits)
        if (delays !== null) out.flag(true)
      }
      if (header.hasDisplayDelay) {
        out.flag(displayDelay !== null)
        if (displayDelay !== null) out.bits(displayDelay, 4)
      }
    }
  }
  for (const length of [header.width, header.height]) out.bits(bitsFor(length - 1, spareBits) - 1, 4)
  for (const length of [header.width, header.height]) out.bits(length - 1, bitsFor(length - 1, spareBits))
  out.bits(0x2aaa, 14)
  return [...out.bytes()]
}

function bitsFor(value: number, spareBits: number): number {
  return Math.min(16, Math.max(1, 32 - Math.clz32(value)) + spareBits)
}
