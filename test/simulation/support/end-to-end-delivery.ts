/** Watches a publisher's video from where it is sent to where a viewer has it: what arrives, how often, and how long after it was sent. */
import type { LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'
import { viewerVideo } from './downstream-delivery.js'
import type { SimulatedPublisher } from './simulated-publisher.js'
import type { SimulatedViewer } from './simulated-viewer.js'
import { Stage } from './stage.js'
import { RTX, videoOptions } from './upstream-delivery.js'

export interface EndToEndOptions {
  readonly seed: number
  /** Of the publisher's path, both ways, and of the viewer's. */
  readonly upstream?: Partial<LinkConditions>
  readonly downstream?: Partial<LinkConditions>
  /** The first sequence numbers of the publisher's streams, and of the viewer's. */
  readonly publisherSeq?: number
  readonly viewerSeq?: number
}

export class EndToEndDelivery {
  readonly stage = new Stage()
  readonly publisher: SimulatedPublisher
  readonly viewer: SimulatedViewer
  /** Milliseconds from the publisher's sending to the viewer's first copy, by packet. */
  readonly delaysMs: (number | undefined)[] = []
  /** Copies beyond the first. */
  repeated = 0
  readonly #sentMs: number[] = []
  #cameFirst: number | undefined

  /** 3 Mbps of video, repaired over RTX on both paths. */
  constructor({ seed, upstream = {}, downstream = {}, publisherSeq = 1, viewerSeq = 1 }: EndToEndOptions) {
    const { stage } = this
    const options = videoOptions(true)
    const seqs = { resends: { ...RTX, seq: publisherSeq }, video: { ...options.video, seq: publisherSeq } }
    this.publisher = stage.publisher({ ...options, ...seqs, seed, uplink: upstream, downlink: upstream })
    const rttMs = 2 * (downstream.delayMs ?? 10) + (downstream.jitterMs ?? 0)
    const ends = { downlink: downstream, uplink: downstream, nackRttMs: rttMs, receiverReportMs: 500 }
    const path = { ...ends, initialSeq: viewerSeq }
    this.viewer = stage.join(this.publisher, { seed, ...path, sections: [viewerVideo(true)], keep: false })
    const { video } = this.publisher
    const { frame } = video
    video.frame = (durationMs, take) => {
      frame.call(video, durationMs, (packet) => {
        packet.writeUInt32LE(this.#sentMs.push(stage.nowMs) - 1, packet.length - 4)
        take(packet)
      })
    }
    const stream = this.viewer.video
    const { receive } = stream
    stream.receive = (packet, header, atMs, repaired) => {
      receive.call(stream, packet, header, atMs, repaired)
      this.#arrive(packet.readUInt32LE(packet.length - 4), atMs)
    }
  }

  get links(): readonly VirtualLink[] {
    return [this.publisher.uplink, this.publisher.downlink, this.viewer.downlink, this.viewer.uplink]
  }

  get sent(): number {
    return this.#sentMs.length
  }

  /** Runs the publisher, and then the network empty. */
  run(durationMs: number): void {
    this.publisher.start()
    this.stage.run(durationMs)
    // The end of a stream cannot be missed by what follows it, so the last frame is sent without loss.
    this.publisher.stop()
    for (const link of this.links) {
      link.conditions.lossRate = 0
      link.drop = undefined
    }
    this.publisher.videoFrame(33)
    this.stage.run(5000)
  }

  /** Which part of the packets came within that time, of those that can be missed: from the one on that came first. */
  within(limitMs: number): number {
    const from = this.#cameFirst ?? 0
    const inTime = this.delaysMs.slice(from).filter((ms) => ms !== undefined && ms <= limitMs)
    return inTime.length / (this.sent - from)
  }

  #arrive(index: number, atMs: number): void {
    this.#cameFirst ??= index
    if (this.delaysMs[index] !== undefined) {
      this.repeated++
      return
    }
    this.delaysMs[index] = atMs - (this.#sentMs[index] as number)
  }
}
