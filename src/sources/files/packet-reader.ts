/** Goes through the packets of one track, and makes frames of them. */

import { opusDurationUs } from '../../media/codecs/opus-duration.js'
import { readFrameFacts } from '../../media/payload/frame-facts.js'
import type { Codec } from '../../rtp/types.js'
import { fileUnreadable, type MediaFileOptions, type MediaFrame, reorderedVideo } from './media-file.js'
import type { ContainerPacket, ContainerPackets } from './mediabunny.js'
import { type PacketData, packetData } from './packet-data.js'
import type { PlayableTrack } from './playable-track.js'
import { SteadyAudio } from './steady-audio.js'

/** Frames of one picture's time apart: one tick of the clock of video in RTP, rounded up. */
const MIN_VIDEO_STEP_US = 12

/** Where a track is read from. */
export interface PacketReaderOptions {
  readonly path: string
  readonly playable: PlayableTrack
  readonly packets: ContainerPackets
  readonly codec: Codec
  /** What the file's times begin with, in seconds. */
  readonly startSeconds: number
  readonly file: MediaFileOptions
}

/** One way through a track. */
export class PacketReader {
  readonly #options: PacketReaderOptions
  readonly #data: PacketData
  readonly #steady = new SteadyAudio()
  #packet: ContainerPacket | null = null
  #frame: MediaFrame | undefined
  #lastUs = Number.NEGATIVE_INFINITY

  constructor(options: PacketReaderOptions) {
    this.#options = options
    this.#data = packetData(options.path, options.playable)
  }

  /** Begins with the last keyframe at or before `seconds` in the file's own time, or with the first there is. */
  async begin(seconds: number): Promise<void> {
    const { packets, playable } = this.#options
    const video = playable.kind === 'video'
    const wanted = video ? await packets.getKeyPacket(seconds) : await packets.getPacket(seconds)
    this.#packet = wanted ?? (video ? await packets.getFirstKeyPacket() : await packets.getFirstPacket())
    this.#frame = this.#packet === null ? undefined : this.#toFrame(this.#packet)
  }

  /** The frame that comes next; undefined behind the last one. */
  get frame(): MediaFrame | undefined {
    return this.#frame
  }

  /** Goes to the next frame. */
  async advance(): Promise<void> {
    if (this.#packet === null) return
    this.#packet = await this.#options.packets.getNextPacket(this.#packet)
    this.#frame = this.#packet === null ? undefined : this.#toFrame(this.#packet)
  }

  #toFrame(packet: ContainerPacket): MediaFrame {
    const { path, playable, file } = this.#options
    const data = this.#data(packet)
    if (data.length > file.maxFrameBytes) {
      throw fileUnreadable(path, `a frame has ${data.length} bytes, and ${file.maxFrameBytes} are allowed`)
    }
    return playable.kind === 'audio' ? this.#audio(packet, data) : this.#video(packet, data)
  }

  #audio(packet: ContainerPacket, data: Uint8Array): MediaFrame {
    const durationUs = opusDurationUs(data)
    const timestampUs = this.#steady.place(this.#timeOf(packet), durationUs)
    return { kind: 'audio', data, keyframe: true, timestampUs, durationUs }
  }

  #video(packet: ContainerPacket, data: Uint8Array): MediaFrame {
    const { path, playable, file, codec } = this.#options
    let timestampUs = this.#timeOf(packet)
    if (!file.allowReordering) {
      if (timestampUs < this.#lastUs) throw reorderedVideo(path, playable.name)
      // Containers may give one time to two frames, of which the first is not shown; in RTP they would be one.
      timestampUs = Math.max(timestampUs, this.#lastUs + MIN_VIDEO_STEP_US)
      this.#lastUs = timestampUs
    }
    const keyframe = packet.type === 'key' && readFrameFacts(codec, data).keyframe
    return { kind: 'video', data, keyframe, timestampUs, durationUs: Math.round(packet.duration * 1_000_000) }
  }

  #timeOf(packet: ContainerPacket): number {
    return Math.round((packet.timestamp - this.#options.startSeconds) * 1_000_000)
  }
}
