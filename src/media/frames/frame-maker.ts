/**
 * Complete frames, from the packets of each: what they hold, whether they can be decoded where they stand, and what is missing before them.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import type { Codec } from '../../rtp/types.js'
import { isKeyframeStart } from '../codecs/keyframe.js'
import { createDepacketizer } from '../payload/create-depacketizer.js'
import type { Depacketizer } from '../payload/types.js'
import type { FrameAssemblerCounters, FrameAssemblerOptions } from './frame-assembler-options.js'
import type { WaitingPacket } from './packet-window.js'

/** The frames of one layer. */
export class FrameMaker {
  readonly #options: FrameAssemblerOptions
  readonly #counters: FrameAssemblerCounters
  readonly #maxFrameBytes: number
  readonly #requestKeyframe: () => void
  readonly #depacketizers = new Map<string, Depacketizer>()
  /** Of the frame handed over last. */
  #codec: Codec | undefined
  /** Undefined before the first frame of a numbering. */
  #timestamp: number | undefined
  /** Packets given up since then. */
  #missing = 0
  /** Something is missing before the next frame. */
  #gap = false
  /** Video cannot be decoded until a keyframe comes. */
  #needsKeyframe = true
  /** It has been asked for. */
  #asked = false
  /** Of the frame dropped last, of which more packets may come. */
  #droppedTimestamp: number | undefined

  /** @param requestKeyframe asks the source of the video for a keyframe. */
  constructor(
    options: FrameAssemblerOptions,
    counters: FrameAssemblerCounters,
    maxFrameBytes: number,
    requestKeyframe: () => void,
  ) {
    this.#options = options
    this.#counters = counters
    this.#maxFrameBytes = maxFrameBytes
    this.#requestKeyframe = requestKeyframe
  }

  /** No other frame will be handed over. */
  get wantsKeyframe(): boolean {
    return this.#needsKeyframe && this.#options.untilKeyframe !== 'emit'
  }

  /** Hands over the frame that these packets are, all of them and in order. */
  make(packets: readonly WaitingPacket[]): void {
    const first = packets[0]
    if (first === undefined) return
    const { codec, timestamp } = first
    const payloads = packets.map(({ payload }) => payload)
    const data = this.#depacketizer(codec).depacketize(payloads)
    if (data === undefined) {
      this.#counters.malformedFrames++
      this.drop(first)
      this.lose(codec)
      return
    }
    if (data.length === 0) return
    const keyframe = payloads.some((payload) => isKeyframeStart(codec, payload, 0, payload.length))
    if (!this.#mayHandOver(first, keyframe)) return
    const gapBefore = this.#gap
    if (gapBefore) this.#tellGap(codec, timestamp)
    this.#gap = false
    this.#missing = 0
    this.#timestamp = timestamp
    this.#codec = codec
    this.#counters.frames++
    if (keyframe) this.#counters.keyframes++
    const arrivalMs = packets.reduce((earliest, packet) => Math.min(earliest, packet.arrivalMs), first.arrivalMs)
    const frameCodec = codec.blocks?.codec ?? codec
    this.#options.onFrame({ kind: codec.kind, codec: frameCodec, data, keyframe, gapBefore, timestamp, arrivalMs })
  }

  /** A frame is not complete, or cannot be used: `packet` is one of it. */
  drop({ timestamp }: WaitingPacket): void {
    if (this.#codec === undefined || timestamp === this.#droppedTimestamp) return
    this.#droppedTimestamp = timestamp
    this.#counters.droppedFrames++
  }

  /** So many packets will not come. */
  miss(packets: number): void {
    this.#missing += packets
    this.#counters.missingPackets += packets
  }

  /** Something is missing, before a packet of that codec. */
  lose(codec: Codec): void {
    this.#gap = this.#codec !== undefined
    if (codec.kind === 'audio') return
    this.#needsKeyframe = true
    this.#ask(codec)
  }

  /** The source counts anew. */
  restart(): void {
    this.#timestamp = undefined
    this.#droppedTimestamp = undefined
    this.#missing = 0
    this.#gap = this.#codec !== undefined
    this.#needsKeyframe = true
    this.#asked = false
  }

  #mayHandOver(first: WaitingPacket, keyframe: boolean): boolean {
    const { codec } = first
    if (codec.kind === 'audio') return true
    const changed = this.#codec !== undefined && this.#codec.name !== codec.name
    if (keyframe) {
      this.#needsKeyframe = false
      this.#asked = false
      return true
    }
    if (changed) {
      this.#gap = true
      this.#needsKeyframe = true
    }
    if (!this.#needsKeyframe) return true
    if (!this.#asked) this.#ask(codec)
    if (this.#options.untilKeyframe === 'emit') return true
    this.drop(first)
    return false
  }

  #ask(codec: Codec): void {
    if (codec.kind === 'audio') return
    this.#asked = true
    this.#requestKeyframe()
  }

  #tellGap(codec: Codec, toTimestamp: number): void {
    const fromTimestamp = this.#timestamp
    if (fromTimestamp === undefined) return
    const ticks = Math.max(0, timestampDelta(toTimestamp, fromTimestamp))
    const durationMs = this.#codec?.clockRate === codec.clockRate ? (ticks * 1000) / codec.clockRate : 0
    this.#counters.gaps++
    this.#counters.gapMs += durationMs
    this.#options.onGap?.({ kind: codec.kind, fromTimestamp, toTimestamp, durationMs, missingPackets: this.#missing })
  }

  /** What tells depacketizers of one track apart; parameter sets are remembered over a change of the rest. */
  #depacketizer(codec: Codec): Depacketizer {
    const key = `${codec.name} ${codec.blocks?.payloadType}`
    const known = this.#depacketizers.get(key)
    if (known !== undefined) return known
    const created = createDepacketizer(codec, this.#maxFrameBytes)
    this.#depacketizers.set(key, created)
    return created
  }
}
