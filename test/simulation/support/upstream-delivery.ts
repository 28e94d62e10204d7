/** Watches a publisher's video as it comes out of the ingest: what was delivered, and how long after it was sent. */

import type { IngestSection } from '../../../src/media/ingest/publisher-ingest.js'
import type { LayerSink, MediaLayer, StoredPacket } from '../../../src/media/types.js'
import { PUBLISHER_EXTENSIONS, payloadCodec, VP8 } from './sections.js'
import type { SimulatedPublisher, SimulatedPublisherOptions } from './simulated-publisher.js'
import type { Stage } from './stage.js'

export const RTX = { ssrc: 0x9999, payloadType: 97 }

/** A section of video alone, with RTX or without. */
export function videoSection(rtx: boolean, feedback: readonly string[] = ['nack', 'nack pli']): IngestSection {
  const codec = { ...payloadCodec(96, VP8, feedback), ...(rtx ? { rtxPayloadType: RTX.payloadType } : {}) }
  return { mid: '1', kind: 'video', codecs: [codec], extensions: PUBLISHER_EXTENSIONS, ssrcs: [], rids: [] }
}

/** 3 Mbps of video alone: 30 frames a second of 12 packets. */
export function videoOptions(rtx: boolean): SimulatedPublisherOptions {
  return {
    sections: [videoSection(rtx)],
    audioEnabled: false,
    senderReportMs: 0,
    resends: rtx ? RTX : 'same',
    video: { framePackets: 12, keyframePackets: 24, packetBytes: 1000 },
  }
}

export class UpstreamDelivery implements LayerSink {
  /** Milliseconds from sending to delivery, by number of the packet. */
  readonly delaysMs: (number | undefined)[] = []
  repeated = 0
  readonly #sentMs: number[] = []
  readonly #firstSeq: number
  readonly #firstExtSeq: number
  #cameFirst: number | undefined

  constructor(
    readonly stage: Stage,
    readonly publisher: SimulatedPublisher,
  ) {
    this.#firstSeq = publisher.video.seq
    this.#firstExtSeq = this.#firstSeq + 0x1_0000
    const { frame } = publisher.video
    publisher.video.frame = (durationMs, take) => {
      frame.call(publisher.video, durationMs, (packet) => {
        this.#sentMs.push(stage.nowMs)
        take(packet)
      })
    }
    this.layer.addSink(this)
  }

  get layer(): MediaLayer {
    return this.publisher.ingest.tracks.at(-1)?.layers[0] as MediaLayer
  }

  get sent(): number {
    return this.#sentMs.length
  }

  onPacket(packet: StoredPacket, _layer: MediaLayer, nowMs: number): void {
    const index = packet.extSeq - this.#firstExtSeq
    const seq = packet.bytes.readUInt16BE(packet.start + 2)
    if (seq !== ((this.#firstSeq + index) & 0xffff)) throw new Error(`packet ${index} came out with number ${seq}`)
    this.#cameFirst ??= index
    if (this.delaysMs[index] !== undefined) this.repeated++
    this.delaysMs[index] = nowMs - (this.#sentMs[index] as number)
  }

  /** Which part of the packets came within that time, of those that can be missed: from the one on that came first. */
  within(limitMs: number): number {
    const delaysMs = this.delaysMs.slice(this.#cameFirst)
    return delaysMs.filter((ms) => ms !== undefined && ms <= limitMs).length / (this.sent - (this.#cameFirst ?? 0))
  }

  /** Runs the publisher, and then the network empty. */
  run(durationMs: number): void {
    this.publisher.start()
    this.stage.run(durationMs)
    // The end of a stream cannot be missed by what follows it, so the last frame is sent without loss.
    this.publisher.stop()
    const { uplink, downlink } = this.publisher
    uplink.conditions.lossRate = 0
    downlink.conditions.lossRate = 0
    uplink.drop = undefined
    downlink.drop = undefined
    this.publisher.videoFrame(33)
    this.stage.run(3000)
  }
}
