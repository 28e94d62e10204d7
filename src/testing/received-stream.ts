/** What a test's viewer has received of one stream: packets, gaps, and the rate of it. */
import { SequenceUnwrapper } from '../rtp/sequence.js'
import { RateMeter } from '../util/rate-meter.js'

/** What was received of a stream. Repairs count like the packets that they replace. */
export interface ReceivedStreamStats {
  /** Packets, duplicates not counted. */
  readonly packets: number
  /** Bytes of their payloads. */
  readonly bytes: number
  /** Packets that are missing between the first and the newest one. */
  readonly lost: number
  /** The part of the packets that is missing, 0 to 1; 0 before the first packet. */
  readonly lossRate: number
  /** Packets that came more than once. */
  readonly duplicates: number
  /** Bits per second of payload over the last second. */
  readonly bitrateBps: number
}

/** How far back a packet is told from its duplicate, in sequence numbers. */
const WINDOW = 4096

/** Counts the packets of one stream; those of another SSRC are counted on top, with no gap between. */
export class ReceivedStream {
  packets = 0
  bytes = 0
  duplicates = 0
  readonly #rate = new RateMeter()
  /** The packet of each sequence number modulo the window, so that duplicates are found. */
  readonly #seen = new Float64Array(WINDOW).fill(-1)
  #unwrapper = new SequenceUnwrapper()
  #ssrc: number | undefined
  #first = 0
  /** Expected of the SSRCs before. */
  #expectedBefore = 0

  /** Counts a packet; returns its unwrapped sequence number, or -1 for a duplicate. */
  add(ssrc: number, seq: number, payloadBytes: number, nowMs: number): number {
    if (ssrc !== this.#ssrc) this.#begin(ssrc)
    const extSeq = this.#unwrapper.unwrap(seq)
    if (this.#first < 0 || extSeq < this.#first) this.#first = extSeq
    if (this.#seen[extSeq % WINDOW] === extSeq) {
      this.duplicates++
      return -1
    }
    this.#seen[extSeq % WINDOW] = extSeq
    this.packets++
    this.bytes += payloadBytes
    this.#rate.add(payloadBytes, nowMs)
    return extSeq
  }

  /** A snapshot at `nowMs`. */
  stats(nowMs: number): ReceivedStreamStats {
    const { packets, bytes, duplicates } = this
    const expected = this.#expectedBefore + this.#expected()
    const lost = Math.max(0, expected - packets)
    const lossRate = expected === 0 ? 0 : lost / expected
    return { packets, bytes, lost, lossRate, duplicates, bitrateBps: this.#rate.bps(nowMs) }
  }

  #begin(ssrc: number): void {
    this.#expectedBefore += this.#expected()
    this.#ssrc = ssrc
    this.#unwrapper = new SequenceUnwrapper()
    this.#first = -1
    this.#seen.fill(-1)
  }

  #expected(): number {
    return this.#ssrc === undefined ? 0 : this.#unwrapper.newest - this.#first + 1
  }
}
