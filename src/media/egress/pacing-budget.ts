/** How much a viewer may be sent now: what has left is a debt, which time pays at the pacing rate (draft-ietf-rmcat-gcc-02, section 4). */
import { type FlatRecord, takeRecord } from './flat-record.js'
import type { PacerConfig, PacerProbe } from './pacer-config.js'
import { BYTES_PER_MS, DEBT_BYTES, OPEN_BYTES, PAID_MS, VIEWER_RECORD_LENGTH } from './viewer-record.js'
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
  /** The debt, and what follows from target, strain and probe: the rate at which it is paid, and how large it may be. */
  readonly record: FlatRecord = takeRecord(VIEWER_RECORD_LENGTH)
  readonly #numbers: Float64Array
  readonly #at: number
  #clusterId = 0
  #probe: PacerProbe | undefined
  #probeBytes = 0
  #probePackets = 0
  #probeUntilMs = 0

  constructor(config: PacerConfig) {
    this.#config = config
    const { numbers, at } = this.record
    this.#numbers = numbers
    this.#at = at
    numbers[at + PAID_MS] = Number.NEGATIVE_INFINITY
    numbers[at + BYTES_PER_MS] = Number.POSITIVE_INFINITY
    numbers[at + OPEN_BYTES] = Number.POSITIVE_INFINITY
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
    return isOpen(this.#numbers, this.#at)
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
    this.#numbers[this.#at + DEBT_BYTES] = 0
  }

  endProbe(): void {
    this.#setProbe(undefined)
  }

  /** Lets time pay, and ends a probe that takes too long. */
  settle(nowMs: number): void {
    if (!settleDebt(this.#numbers, this.#at, nowMs)) return
    if (this.#probe !== undefined && nowMs >= this.#probeUntilMs) this.#setProbe(undefined)
  }

  /** No probe is being sent, and no packet of one is about to leave. */
  get isPlain(): boolean {
    return this.#probe === undefined && this.#clusterId === 0
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
    owe(this.#numbers, this.#at, bytes)
  }

  /** What leaves in that time. */
  bytesIn(durationMs: number): number {
    return (this.#numbers[this.#at + BYTES_PER_MS] as number) * durationMs
  }

  /** When the debt is paid. */
  clearMs(nowMs: number): number {
    const debtBytes = this.#numbers[this.#at + DEBT_BYTES] as number
    return debtBytes === 0 ? nowMs : nowMs + debtBytes / (this.#numbers[this.#at + BYTES_PER_MS] as number)
  }

  #setProbe(probe: PacerProbe | undefined): void {
    this.#probe = probe
    this.#update()
  }

  #update(): void {
    const factor = this.#strained ? 1 : this.#config.factor
    const bytesPerMs = Math.max(MIN_BPS, this.#probe?.targetBps ?? this.#targetBps * factor) / 8000
    this.#numbers[this.#at + BYTES_PER_MS] = bytesPerMs
    this.#numbers[this.#at + OPEN_BYTES] = bytesPerMs * this.#config.burstMs
  }
}

/**
 * A packet of `bytes` is to leave a viewer of whom nothing waits and no probe is being sent: false if the budget is not open, otherwise it is paid for.
 * The viewer's record is `numbers` from `at` on.
 */
export function passBudget(numbers: Float64Array, at: number, bytes: number, nowMs: number): boolean {
  settleDebt(numbers, at, nowMs)
  if (!isOpen(numbers, at)) return false
  owe(numbers, at, bytes)
  return true
}

function isOpen(numbers: Float64Array, at: number): boolean {
  return (numbers[at + DEBT_BYTES] as number) < (numbers[at + OPEN_BYTES] as number)
}

/** Lets time pay; false if none has passed. */
function settleDebt(numbers: Float64Array, at: number, nowMs: number): boolean {
  const elapsedMs = nowMs - (numbers[at + PAID_MS] as number)
  if (elapsedMs <= 0) return false
  const debtBytes = numbers[at + DEBT_BYTES] as number
  if (debtBytes > 0)
    numbers[at + DEBT_BYTES] = Math.max(0, debtBytes - elapsedMs * (numbers[at + BYTES_PER_MS] as number))
  numbers[at + PAID_MS] = nowMs
  return true
}

function owe(numbers: Float64Array, at: number, bytes: number): void {
  numbers[at + DEBT_BYTES] = (numbers[at + DEBT_BYTES] as number) + (bytes + OVERHEAD_BYTES)
}
