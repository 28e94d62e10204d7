/** The receiving end of a congestion-controlled flow without media: notes arrivals and sends transport-wide feedback. */
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type TransportFeedbackOptions, TransportFeedbackReporter } from './transport-feedback-reporter.js'

export class BweReceiver {
  packets = 0
  bytes = 0
  /** The one-way delay and arrival time of every packet since the last `clear`. */
  readonly delays: { atMs: number; delayMs: number }[] = []
  keepDelays = true
  readonly feedback: TransportFeedbackReporter
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock, options: TransportFeedbackOptions, send: (feedback: Buffer) => void) {
    this.#clock = clock
    this.feedback = new TransportFeedbackReporter(clock, options, send)
  }

  receive(packet: Buffer): void {
    const nowMs = this.#clock.nowMs()
    this.packets++
    this.bytes += packet.length
    if (this.keepDelays) this.delays.push({ atMs: nowMs, delayMs: nowMs - packet.readDoubleLE(3) })
    this.feedback.arrived(packet.readUInt16BE(1))
  }
}
