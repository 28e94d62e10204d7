/**
 * Absolute capture times for the packets of a publisher that sends none itself, from its sender reports (RFC 3550, section 6.4.1): about one
 * a second, and with the first packet after each change of what is forwarded. Receivers count on from there by the stream's
 * timestamps; while those do not run like the source's (see `CatchUp`), it is said more often.
 *
 * The publisher's clock is told anew with each of its reports, so a stamp depends on when it is made. It is remembered for a few
 * seconds: a packet that is sent again carries the stamp that it had. On streams whose packets have to be the very same each time
 * (`sendsUnchanged`) that would not be enough, and there are none.
 */
import { ABS_CAPTURE_TIME_LENGTH, writeAbsCaptureTime } from '../../rtp/abs-capture-time.js'
import type { ExtensionWriter } from '../../rtp/extension-writer.js'
import { timestampDelta } from '../../rtp/sequence.js'
import type { StoredPacket } from '../types.js'
import type { SourceClock } from './source-clock.js'
import type { Stretch } from './stretch.js'

const INTERVAL_MS = 1000
/** A publisher that has sent a time of its own this lately is going to send another. */
const PUBLISHER_INTERVAL_MS = 5000
/** Receivers that count on from the last stamp are wrong by no more than this. */
const MAX_ERROR_MS = 100
/** How many stamps are remembered. */
const KEPT = 16
/** A packet whose timestamp lies further from the report than its arrival does, by this, is not of the same numbering. */
const MAX_DISAGREEMENT_MS = 5000

const NEVER_MS = Number.NEGATIVE_INFINITY

/** The stamps of one outgoing stream. */
export class CaptureStamps {
  readonly #id: number
  readonly #clock: () => SourceClock
  /** A ring: our number of the packet, and the data of its element. */
  readonly #extSeqs = new Float64Array(KEPT).fill(-1)
  readonly #elements = new Uint8Array(KEPT * ABS_CAPTURE_TIME_LENGTH)
  #newest = 0
  /** Nothing has been stamped since the last change. */
  #isMissing = true
  /** When the packet arrived that was stamped last, by us or by the publisher; and by the publisher. */
  #stampedMs = NEVER_MS
  #publisherMs = NEVER_MS
  /** Timestamps of the packet that we stamped last: the source's, and ours. */
  #stampedIn = 0
  #stampedOut = 0

  /**
   * @param id the viewer's id of the extension.
   * @param clock the clock that the stream's sender reports go by.
   */
  constructor(id: number, clock: () => SourceClock) {
    this.#id = id
    this.#clock = clock
  }

  /** `writer` has everything else of `packet`, the packet `extSeq` of `stretch`; adds a stamp if the packet is to have one. */
  add(writer: ExtensionWriter, packet: StoredPacket, stretch: Stretch, extSeq: number, newest: boolean): void {
    const byPublisher = writer.has(this.#id)
    const place = newest ? this.#stamp(packet, stretch, extSeq, byPublisher) : this.#extSeqs.indexOf(extSeq)
    if (place < 0 || byPublisher) return
    writer.add(this.#id, this.#elements, place * ABS_CAPTURE_TIME_LENGTH, ABS_CAPTURE_TIME_LENGTH)
  }

  /** The packet is sent for the first time: stamps it if it is to have one; returns the stamp's place in the ring, or -1. */
  #stamp(packet: StoredPacket, stretch: Stretch, extSeq: number, byPublisher: boolean): number {
    if (extSeq === stretch.firstExtSeq) this.#restart(extSeq)
    const { arrivalMs } = packet
    if (byPublisher) {
      this.#isMissing = false
      this.#stampedMs = arrivalMs
      this.#publisherMs = arrivalMs
      return -1
    }
    if (!this.#isMissing && !this.#isDue(packet, stretch)) return -1
    const next = (this.#newest + 1) % KEPT
    if (!this.#write(packet, stretch, next * ABS_CAPTURE_TIME_LENGTH)) return -1
    this.#newest = next
    this.#extSeqs[next] = extSeq
    this.#isMissing = false
    this.#stampedMs = arrivalMs
    this.#stampedIn = packet.timestamp
    this.#stampedOut = stretch.timestamp(packet)
    return next
  }

  #isDue(packet: StoredPacket, stretch: Stretch): boolean {
    const { arrivalMs, timestamp, codec } = packet
    if (arrivalMs - this.#publisherMs < PUBLISHER_INTERVAL_MS) return false
    if (arrivalMs - this.#stampedMs >= INTERVAL_MS) return true
    const counted = timestampDelta(stretch.timestamp(packet), this.#stampedOut)
    const elapsed = timestampDelta(timestamp, this.#stampedIn)
    return Math.abs(elapsed - counted) > (MAX_ERROR_MS * codec.clockRate) / 1000
  }

  #restart(extSeq: number): void {
    this.#isMissing = true
    this.#publisherMs = NEVER_MS
    // A packet for which there was no room has left its number to this one.
    if (this.#extSeqs[this.#newest] === extSeq) this.#extSeqs[this.#newest] = -1
  }

  /** False if the publisher has not told its clock yet. */
  #write(packet: StoredPacket, { layer }: Stretch, at: number): boolean {
    const capture = layer.captureClock
    if (capture === undefined) return false
    const ticks = timestampDelta(packet.timestamp, capture.rtpTimestamp)
    const sinceReportMs = (ticks * 1000) / packet.codec.clockRate
    if (Math.abs(sinceReportMs - (packet.arrivalMs - capture.arrivalMs)) > MAX_DISAGREEMENT_MS) return false
    writeAbsCaptureTime(this.#elements, at, capture.ntpUnixMs + sinceReportMs, -this.#clock().shiftMs(capture))
    return true
  }
}
