/** A sender that follows a BandwidthEstimator, a bottleneck, and a receiver that reports: congestion control without media. */
import { type BweConfig, defaultBweConfig } from '../../../src/media/bwe/bwe-config.js'
import { BandwidthEstimator } from '../../../src/media/bwe/estimator.js'
import { FeedbackTimes } from '../../../src/media/bwe/feedback-times.js'
import type { ProbeWish } from '../../../src/media/bwe/probe-cluster.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { readTransportFeedback } from '../../../src/rtp/rtcp/transport-feedback.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'
import { BweReceiver } from './bwe-receiver.js'

const PACKET_BYTES = 1200
const PACER_MS = 5

export interface BweFlowOptions {
  readonly config?: Partial<BweConfig>
  readonly feedbackMs?: number
  readonly clockOffsetMs?: number
  /** What the application would send at a target; all of it by default. */
  readonly demandBps?: (targetBps: number, nowMs: number) => number
  /** What the allocator could use; everything by default. */
  readonly allocatedBps?: number
  readonly firstSeq?: number
  readonly seed?: number
  readonly backward?: Partial<LinkConditions>
  readonly packetBytes?: number
  readonly pacerMs?: number
}

/** A shared bottleneck. */
export class BweBottleneck {
  readonly link: VirtualLink
  readonly flows: BweFlow[] = []

  constructor(clock: VirtualClock, seed: number, conditions: Partial<LinkConditions>) {
    this.link = new VirtualLink(
      clock,
      seed,
      (packet) => this.flows[packet[0] as number]?.receiver.receive(packet),
      conditions,
    )
  }
}

export class BweFlow {
  readonly estimator: BandwidthEstimator
  readonly receiver: BweReceiver
  readonly backward: VirtualLink
  /** The target at every pacer round since the last `clear`. */
  readonly targets: { atMs: number; bps: number }[] = []
  keepTargets = true
  sentBytes = 0
  sentPackets = 0
  demandBps: (targetBps: number, nowMs: number) => number
  readonly #clock: VirtualClock
  readonly #bottleneck: BweBottleneck
  readonly #id: number
  readonly #packetBytes: number
  readonly #pacerMs: number
  readonly #times = new FeedbackTimes()
  readonly #reader = new RtcpReader()
  readonly #feedbackView = { baseSeq: 0, statusCount: 0, referenceTime: 0, feedbackCount: 0 }
  readonly #arrivalTicks = new Int32Array(4096)
  #nextSeq: number
  #mediaBytes = 0
  #probe: { wish: ProbeWish; sentBytes: number; sentPackets: number; nextMs: number } | undefined
  #running = false

  constructor(clock: VirtualClock, bottleneck: BweBottleneck, options: BweFlowOptions = {}) {
    this.#clock = clock
    this.#bottleneck = bottleneck
    this.#id = bottleneck.flows.length
    bottleneck.flows.push(this)
    this.#packetBytes = options.packetBytes ?? PACKET_BYTES
    this.#pacerMs = options.pacerMs ?? PACER_MS
    this.#nextSeq = options.firstSeq ?? 0
    this.demandBps = options.demandBps ?? ((targetBps) => targetBps)
    this.estimator = new BandwidthEstimator({ ...defaultBweConfig(), ...options.config })
    if (options.allocatedBps !== undefined) this.estimator.setAllocatedBps(options.allocatedBps, clock.nowMs())
    this.backward = new VirtualLink(
      clock,
      (options.seed ?? 1) + 77,
      (packet) => this.#feedback(packet),
      options.backward,
    )
    const receiverOptions = {
      intervalMs: options.feedbackMs ?? 100,
      ...(options.clockOffsetMs === undefined ? {} : { clockOffsetMs: options.clockOffsetMs }),
    }
    this.receiver = new BweReceiver(clock, receiverOptions, (feedback) => this.backward.send(feedback))
  }

  start(): void {
    this.#running = true
    this.#round()
  }

  stop(): void {
    this.#running = false
  }

  clear(): void {
    this.targets.length = 0
    this.receiver.delays.length = 0
    this.receiver.bytes = 0
  }

  #round(): void {
    if (!this.#running) return
    const nowMs = this.#clock.nowMs()
    const { estimator } = this
    if (nowMs >= estimator.dueMs) estimator.tick(nowMs)
    const { targetBps } = estimator
    if (this.keepTargets) this.targets.push({ atMs: nowMs, bps: targetBps })
    const packetBytes = this.#packetBytes
    const demandBps = this.demandBps(targetBps, nowMs)
    this.#mediaBytes = Math.min(
      this.#mediaBytes + (demandBps * this.#pacerMs) / 8000,
      packetBytes + (demandBps * 50) / 8000,
    )
    if (this.#probe === undefined) {
      const wish = estimator.nextProbe(nowMs)
      if (wish) {
        this.#probe = { wish, sentBytes: 0, sentPackets: 0, nextMs: nowMs }
        this.#probePacket()
      }
    }
    while (this.#probe === undefined && this.#mediaBytes >= packetBytes) {
      this.#mediaBytes -= packetBytes
      this.#send(packetBytes, 0)
    }
    this.#clock.at(nowMs + this.#pacerMs, () => this.#round())
  }

  #probePacket(): void {
    const probe = this.#probe
    if (probe === undefined) return
    const { wish } = probe
    const bytes = Math.min(this.#packetBytes, Math.max(50, Math.ceil(wish.bytes / wish.packets)))
    this.#send(bytes, wish.clusterId)
    this.#mediaBytes = Math.max(0, this.#mediaBytes - bytes)
    probe.sentBytes += bytes
    probe.sentPackets++
    if (probe.sentBytes >= wish.bytes && probe.sentPackets >= wish.packets) {
      this.#probe = undefined
      return
    }
    probe.nextMs += (bytes * 8000) / wish.targetBps
    this.#clock.at(probe.nextMs, () => this.#probePacket())
  }

  #send(bytes: number, clusterId: number): void {
    const nowMs = this.#clock.nowMs()
    const packet = Buffer.alloc(bytes)
    packet[0] = this.#id
    packet.writeUInt16BE(this.#nextSeq & 0xffff, 1)
    packet.writeDoubleLE(nowMs, 3)
    this.estimator.onPacketSent(this.#nextSeq++, bytes, nowMs, clusterId)
    this.sentBytes += bytes
    this.sentPackets++
    this.#bottleneck.link.send(packet)
  }

  #feedback(packet: Buffer): void {
    const { estimator } = this
    if (!this.#reader.reset(packet, 0, packet.length)) throw new Error('feedback that is no RTCP')
    while (this.#reader.next()) {
      const view = this.#feedbackView
      if (!readTransportFeedback(packet, this.#reader, view, this.#arrivalTicks)) throw new Error('unreadable feedback')
      const feedback = this.#times.read(view, this.#arrivalTicks, estimator.unwrap(view.baseSeq))
      estimator.onFeedback(feedback, this.#clock.nowMs())
    }
  }
}
