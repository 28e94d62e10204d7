/** A receiver that estimates by itself, as browsers did before transport-wide feedback: the delay-based controller over RTP timestamps, told in REMB. */
import { AcknowledgedBitrate } from '../../../src/media/bwe/acknowledged-bitrate.js'
import { type AimdInput, AimdRate } from '../../../src/media/bwe/aimd.js'
import { defaultBweConfig } from '../../../src/media/bwe/bwe-config.js'
import { DelayDetector } from '../../../src/media/bwe/delay-detector.js'
import { ReceivedPackets } from '../../../src/media/bwe/received-packets.js'
import { writeRemb } from '../../../src/rtp/rtcp/feedback.js'
import { TimestampUnwrapper } from '../../../src/rtp/sequence.js'

export class RembEstimate {
  readonly #detector = new DelayDetector()
  /** The newest packet. */
  readonly #received = new ReceivedPackets()
  readonly #acknowledged = new AcknowledgedBitrate()
  readonly #aimd = new AimdRate(defaultBweConfig())
  readonly #unwrapper = new TimestampUnwrapper()
  readonly #input: AimdInput = {
    usage: 'normal',
    acknowledgedBps: Number.NaN,
    newestWindowBps: Number.NaN,
    newestBps: Number.NaN,
    queueMs: 0,
    sentBps: 0,
    bursting: false,
    rttMs: 100,
  }
  #updatedMs = Number.NEGATIVE_INFINITY

  constructor() {
    this.#received.count = 1
  }

  get bps(): number {
    return this.#aimd.bps
  }

  /** A packet of the video stream has arrived. */
  receive(bytes: number, timestamp: number, nowMs: number): void {
    const { sentMs, arrivalMs } = this.#received
    sentMs[0] = this.#unwrapper.unwrap(timestamp) / 90
    arrivalMs[0] = nowMs
    this.#detector.addAll(this.#received, nowMs)
    this.#acknowledged.add(bytes, nowMs, false)
    if (nowMs - this.#updatedMs < 100) return
    this.#updatedMs = nowMs
    const input = this.#input
    input.usage = this.#detector.usage
    input.acknowledgedBps = this.#acknowledged.bps
    input.newestWindowBps = this.#acknowledged.newestWindowBps
    input.newestBps = this.#acknowledged.newestBps
    input.queueMs = this.#detector.queueMs
    this.#aimd.update(input, nowMs)
  }

  write(senderSsrc: number, mediaSsrc: number): Buffer {
    const packet = Buffer.alloc(24)
    const length = writeRemb(packet, 0, senderSsrc, this.bps, [mediaSsrc])
    return packet.subarray(0, length)
  }
}
