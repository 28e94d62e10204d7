/** How much a viewer may be sent now: what has left is a debt, which time pays at the pacing rate (draft-ietf-rmcat-gcc-02, section 4). */
import type { PacerConfig, PacerProbe } from './pacer-config.js'
import { OVERHEAD_BYTES } from './wire-overhead.js'

/** However little the estimate is, time goes on. */
const MIN_BPS = 10_000
/** A probe that is not done by then is given up. */
const MAX_PROBE_MS = 1000

/** The budget of one viewer. Without a target it is infinite. */
export class PacingBudget {
  readonly #config: PacerConfig
  #strained = false
  #targetBps = Number.POSITIVE_INFINITY
  /** The rate at which debts are paid, and how large they may be: what follows from target, strain and probe. */
  #bytesPerMs = Number.POSITIVE_INFINITY
  #openBytes = Number.POSITIVE_INFINITY
  /** As of `#atMs`. */
  #debtBytes = 0
  #atMs = Number.NEGATIVE_INFINITY
  #clusterId = 0
  #probe: PacerProbe | undefined
  #probeBytes = 0
  #probePackets = 0
  #probeUntilMs = 0

  constructor(config: PacerConfig) {
    this.#config = config
  }

  /** Nothing is limited. */
  get isInfinite(): boolean {
    return this.#targetBps === Number.POSITIVE_INFINITY
  }

  /** The network is full: packets leave no faster than the estimate says. */
  get strained(): boolean {
    return this.#strained
  }

  set strained(strained: boolean) {
    this.#strained = strained
    this.#update()
  }

  /** Packets are sent at the rate of a probe. */
  get isProbing(): boolean {
    return this.#probe !== undefined
  }

  /** Something may leave, as of the last `settle`. */
  get isOpen(): boolean {
    return this.#debtBytes < this.#openBytes
  }

  setTarget(bps: number, nowMs: number): void {
    this.settle(nowMs)
    this.#targetBps = bps
    this.#update()
  }

  startProbe(probe: PacerProbe, nowMs: number): void {
    this.settle(nowMs)
    this.#setProbe(probe)
    this.#probeBytes = 0
    this.#probePackets = 0
    this.#probeUntilMs = nowMs + MAX_PROBE_MS
    this.#debtBytes = 0
  }

  endProbe(): void {
    this.#setProbe(undefined)
  }

  /** Lets time pay, and ends a probe that takes too long. */
  settle(nowMs: number): void {
    if (nowMs <= this.#atMs) return
    if (this.#debtBytes > 0) this.#debtBytes = Math.max(0, this.#debtBytes - (nowMs - this.#atMs) * this.#bytesPerMs)
    this.#atMs = nowMs
    if (this.#probe !== undefined && nowMs >= this.#probeUntilMs) this.#setProbe(undefined)
  }

  /** A packet is about to leave, whose probe `takeClusterId` tells. */
  begin(): void {
    this.#clusterId = this.#probe?.clusterId ?? 0
  }

  /** The probe of the packet that is about to leave; 0 for none, and for what leaves without `begin`. */
  takeClusterId(): number {
    const clusterId = this.#clusterId
    this.#clusterId = 0
    return clusterId
  }

  /** The packet has left, or is sure to: `bytes` of RTP, 0 if it was none after all. The network carries its headers, too. */
  paid(bytes: number): void {
    if (bytes === 0) return
    this.owe(bytes)
    if (this.#probe === undefined) return
    this.#probeBytes += bytes + OVERHEAD_BYTES
    this.#probePackets++
    if (this.#probeBytes >= this.#probe.bytes && this.#probePackets >= this.#probe.packets) this.#setProbe(undefined)
  }

  /** A packet has left that did not wait for its turn. */
  owe(bytes: number): void {
    this.#debtBytes += bytes + OVERHEAD_BYTES
  }

  /** What leaves in that time. */
  bytesIn(durationMs: number): number {
    return this.#bytesPerMs * durationMs
  }

  /** When the debt is paid. */
  clearMs(nowMs: number): number {
    return this.#debtBytes === 0 ? nowMs : nowMs + this.#debtBytes / this.#bytesPerMs
  }

  #setProbe(probe: PacerProbe | undefined): void {
    this.#probe = probe
    this.#update()
  }

  #update(): void {
    const factor = this.#strained ? 1 : this.#config.factor
    this.#bytesPerMs = Math.max(MIN_BPS, this.#probe?.targetBps ?? this.#targetBps * factor) / 8000
    this.#openBytes = this.#bytesPerMs * this.#config.burstMs
  }
}
