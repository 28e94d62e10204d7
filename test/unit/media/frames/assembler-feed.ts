/** Packets of short frames into a frame assembler, and what comes out of it. */
import type { EncodedFrame } from '../../../../src/media/frames/encoded-frame.js'
import { FrameAssembler } from '../../../../src/media/frames/frame-assembler.js'
import type { FrameAssemblerOptions, FrameGap } from '../../../../src/media/frames/frame-assembler-options.js'
import type { MediaLayer, StoredPacket } from '../../../../src/media/types.js'
import type { Codec } from '../../../../src/rtp/types.js'
import { codecOf } from '../payload/depacketized.js'

export const VP8 = codecOf('VP8')

/** A frame is 33 ms of video. */
export const FRAME_TICKS = 3000

export interface FedPacket {
  readonly extSeq: number
  readonly timestamp: number
  readonly payload: readonly number[]
  readonly marker: boolean
  readonly codec: Codec
}

/** The packets of a VP8 frame of `count` bytes, one in each; their number is in them. */
export function vp8Frame(
  extSeq: number,
  index: number,
  count: number,
  change: { key?: boolean; markers?: boolean; pictureId?: number } = {},
): FedPacket[] {
  const { key = false, markers = true, pictureId } = change
  return Array.from({ length: count }, (_, i) => {
    const first = i === 0
    const flags = first ? 0x10 : 0
    const descriptor =
      pictureId === undefined ? [flags] : [0x80 | flags, 0x80, 0x80 | (pictureId >> 8), pictureId & 0xff]
    return {
      extSeq: extSeq + i,
      timestamp: (index * FRAME_TICKS) >>> 0,
      payload: [...descriptor, ...(first ? [key ? 0x10 : 0x11] : []), (extSeq + i) & 0xff],
      marker: markers && i === count - 1,
      codec: VP8,
    }
  })
}

/** A row of frames of three packets each, the first of them a keyframe, and any other whose index is in `keys`. */
export function vp8Frames(count: number, keys: readonly number[] = [], extSeq = 1000): FedPacket[] {
  return Array.from({ length: count }, (_, i) =>
    vp8Frame(extSeq + 3 * i, i, 3, { key: i === 0 || keys.includes(i) }),
  ).flat()
}

/** All but those with these indexes. */
export function without(packets: readonly FedPacket[], ...indexes: number[]): FedPacket[] {
  return packets.filter((_, i) => !indexes.includes(i))
}

export class AssemblerFeed {
  readonly frames: EncodedFrame[] = []
  readonly gaps: FrameGap[] = []
  /** When keyframes were asked for. */
  readonly requests: number[] = []
  readonly dues: number[] = []
  restarts = 0
  nowMs = 0
  readonly assembler: FrameAssembler
  readonly #layer = { requestKeyframe: (nowMs: number) => this.requests.push(nowMs) } as unknown as MediaLayer

  constructor(options: Partial<FrameAssemblerOptions> = {}) {
    this.assembler = new FrameAssembler({
      onFrame: (frame) => this.frames.push(frame),
      onGap: (gap) => this.gaps.push(gap),
      onRestart: () => this.restarts++,
      ...options,
    })
    this.assembler.onDue = (dueMs) => this.dues.push(dueMs)
  }

  /** Which frames came, by their timestamps. */
  get indexes(): number[] {
    return this.frames.map(({ timestamp }) => timestamp / FRAME_TICKS)
  }

  /** The indexes of those behind a gap. */
  get behindGaps(): number[] {
    return this.frames.filter(({ gapBefore }) => gapBefore).map(({ timestamp }) => timestamp / FRAME_TICKS)
  }

  /** Feeds all of them now, in memory that is used for something else thereafter. */
  feed(...packets: readonly FedPacket[]): void {
    for (const packet of packets) {
      const bytes = Buffer.concat([
        Buffer.alloc(5, 0xee),
        Buffer.alloc(12, 0xdd),
        Buffer.from(packet.payload),
        Buffer.alloc(3, 0xcc),
      ])
      const stored: StoredPacket = {
        ...packet,
        bytes,
        start: 5,
        headerLength: 12,
        length: 12 + packet.payload.length,
        keyframe: false,
        arrivalMs: this.nowMs,
      }
      this.assembler.onPacket(stored, this.#layer, this.nowMs)
      bytes.fill(0xff)
    }
  }

  /** Lets time pass, and does what is due by its end. */
  wait(durationMs: number): void {
    this.nowMs += durationMs
    if (this.assembler.dueMs <= this.nowMs) this.assembler.tick(this.nowMs)
  }
}
