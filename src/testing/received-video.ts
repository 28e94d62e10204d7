/** What a test's viewer has received of a video in VP8: whole frames and whole keyframes (RFC 7741, section 4). */
import { readVp8FrameSize, Vp8Descriptor } from '../media/codecs/vp8.js'
import { ReceivedStream, type ReceivedStreamStats } from './received-stream.js'

/** What was received of a video. */
export interface ReceivedVideoStats extends ReceivedStreamStats {
  /** Frames of which every packet has come, keyframes included. */
  readonly frames: number
  /** Keyframes of which every packet has come. */
  readonly keyframes: number
  /** The size that the newest keyframe states; 0 before the first. */
  readonly width: number
  readonly height: number
}

/** One video packet, as far as it matters here. */
export interface VideoPacket {
  readonly ssrc: number
  /** 16 bit. */
  readonly seq: number
  /** 32 bit. */
  readonly timestamp: number
  /** It ends a frame. */
  readonly marker: boolean
  readonly payload: Uint8Array
}

/** A frame of which some packets have come. */
interface PartialFrame {
  packets: number
  /** Unwrapped numbers of its ends; -1 as long as they have not come. */
  first: number
  last: number
  keyframe: boolean
  complete: boolean
}

/** Frames that wait for their missing packets, at most. */
const MAX_FRAMES = 128

/** Counts packets and puts frames together, whatever the order in which packets come. */
export class ReceivedVideo {
  readonly #stream = new ReceivedStream()
  /** By SSRC and timestamp, oldest first. */
  readonly #partial = new Map<string, PartialFrame>()
  readonly #descriptor = new Vp8Descriptor()
  #frames = 0
  #keyframes = 0
  #width = 0
  #height = 0

  /** Takes a packet. What is no VP8, such as padding, counts as a packet only. */
  add(packet: VideoPacket, nowMs: number): void {
    const { payload } = packet
    const extSeq = this.#stream.add(packet.ssrc, packet.seq, payload.length, nowMs)
    if (extSeq < 0 || !this.#descriptor.parse(payload, 0, payload.length)) return
    const frame = this.#frameOf(packet)
    frame.packets++
    if (this.#descriptor.startOfPartition && this.#descriptor.partitionId === 0) frame.first = extSeq
    if (packet.marker) frame.last = extSeq
    if (this.#descriptor.keyframe) this.#beginKeyframe(frame, payload)
    const { first, last } = frame
    if (frame.complete || first < 0 || last < 0 || last - first + 1 !== frame.packets) return
    frame.complete = true
    this.#frames++
    if (frame.keyframe) this.#keyframes++
  }

  /** A snapshot at `nowMs`. */
  stats(nowMs: number): ReceivedVideoStats {
    return {
      ...this.#stream.stats(nowMs),
      frames: this.#frames,
      keyframes: this.#keyframes,
      width: this.#width,
      height: this.#height,
    }
  }

  #beginKeyframe(frame: PartialFrame, payload: Uint8Array): void {
    frame.keyframe = true
    const size = readVp8FrameSize(payload, 0, payload.length)
    this.#width = size?.width ?? this.#width
    this.#height = size?.height ?? this.#height
  }

  #frameOf({ ssrc, timestamp }: VideoPacket): PartialFrame {
    const key = `${ssrc}/${timestamp}`
    const known = this.#partial.get(key)
    if (known !== undefined) return known
    const frame = { packets: 0, first: -1, last: -1, keyframe: false, complete: false }
    this.#partial.set(key, frame)
    if (this.#partial.size > MAX_FRAMES) this.#partial.delete(this.#partial.keys().next().value as string)
    return frame
  }
}
