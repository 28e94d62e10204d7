/**
 * Answers a viewer's NACKs from the history of the layer it is fed from (RFC 4585, section 6.2.1): over RTX where that was negotiated (RFC 4588), else by the
 * very same packet under the same SRTP index (RFC 3711, section 9.1: another packet under it would give the keystream away).
 *
 * So where a packet may have to be sent twice without RTX, no extension may say anything about the time or order of sending: see `sendsUnchanged`.
 */
import { seqDelta } from '../../rtp/sequence.js'
import type { RtpOutput, StoredPacket } from '../types.js'
import { type EgressSection, usesRtx } from './egress-section.js'
import type { PacketWriter } from './packet-writer.js'
import type { RetransmissionBudget } from './retransmission-budget.js'
import type { SentStretches } from './sent-stretches.js'
import type { Stretch } from './stretch.js'

/**
 * How many packets' last retransmission is remembered, by number. Packets so far apart share a place: where both are asked for within a
 * round trip, one of them may be sent once more than it needs to be, which the budget bounds.
 */
const REMEMBERED = 1024

/** Taken for the round trip before a report has shown it. */
const DEFAULT_RTT_MS = 100

/** A repetition that comes sooner than this part of a round trip cannot know what became of the packet sent last. */
const DUPLICATE_SHARE = 0.8
const MIN_DUPLICATE_MS = 5

/** Requests of one stream, by what became of them. */
export interface RetransmissionCounters {
  /** Packets sent again, and their bytes without transport overhead. */
  packets: number
  bytes: number
  /** Asked for again within a round trip. */
  duplicate: number
  /** Neither in a history any more, nor ever sent. */
  notKept: number
  /** The viewer's budget was used up, or the transport full. */
  overBudget: number
}

/** How a {@link Retransmitter} is made. */
export interface RetransmitterOptions {
  readonly section: EgressSection
  readonly writer: PacketWriter
  readonly output: RtpOutput
  readonly stretches: SentStretches
  readonly budget: RetransmissionBudget
  /** The first sequence number of the retransmission stream, below 32768. */
  readonly initialRtxSeq: number
}

/** Sends the packets of one stream again. */
export class Retransmitter {
  readonly counters: RetransmissionCounters = { packets: 0, bytes: 0, duplicate: 0, notKept: 0, overBudget: 0 }
  /** Those of `counters.packets` that went on the stream itself, without RTX, and the bytes of their payloads. */
  packetsOnStream = 0
  payloadBytesOnStream = 0
  /**
   * False if a repair is to wait, and `sendAgain` is called when it is time, or if it is not to be sent at all. `past` says that it belongs to
   * what was forwarded before. Undefined without a pacer.
   */
  pace: ((extSeq: number, bytes: number, past: boolean, nowMs: number) => boolean) | undefined
  readonly #section: EgressSection
  readonly #writer: PacketWriter
  readonly #output: RtpOutput
  readonly #stretches: SentStretches
  readonly #budget: RetransmissionBudget
  #nextRtxExtSeq: number
  /** Rings by our number: which packet was sent again last in that place, and when. Made with the first. */
  #sentExtSeq = new Float64Array(0)
  #sentMs = new Float64Array(0)

  constructor(options: RetransmitterOptions) {
    this.#section = options.section
    this.#writer = options.writer
    this.#output = options.output
    this.#stretches = options.stretches
    this.#budget = options.budget
    this.#nextRtxExtSeq = options.initialRtxSeq
  }

  /**
   * Sends again what a NACK asks for, `seqs[0, count)`, as far as it is kept, not on its way already, and within the budget.
   *
   * @param newestExtSeq the newest number of the stream.
   */
  receiveNack(seqs: Uint16Array, count: number, newestExtSeq: number, rttMs: number | undefined, nowMs: number): void {
    const { counters } = this
    const patienceMs = Math.max(MIN_DUPLICATE_MS, DUPLICATE_SHARE * (rttMs ?? DEFAULT_RTT_MS))
    for (let i = 0; i < count; i++) {
      if (!this.#budget.takeLookup()) {
        counters.overBudget += count - i
        return
      }
      const extSeq = newestExtSeq + seqDelta(seqs[i] as number, newestExtSeq & 0xffff)
      const stretch = extSeq > newestExtSeq ? undefined : this.#stretches.of(extSeq)
      if (stretch === undefined || !this.#mayRepair(stretch)) counters.notKept++
      else if (nowMs - this.#lastSentMs(extSeq) < patienceMs) counters.duplicate++
      else this.#repair(stretch, extSeq, rttMs === undefined ? 0 : patienceMs, nowMs)
    }
  }

  #mayRepair({ payloadCodec }: Stretch): boolean {
    return payloadCodec.feedback.includes('nack')
  }

  /** @param arrivedMs a packet that has arrived later than this ago, and so was sent later, is on its way: it was late itself. */
  #repair(stretch: Stretch, extSeq: number, arrivedMs: number, nowMs: number): void {
    const { counters } = this
    const packet = stretch.packet(extSeq)
    if (packet === undefined) {
      counters.notKept++
      return
    }
    if (nowMs - packet.arrivalMs < arrivedMs) {
      counters.duplicate++
      return
    }
    if (!this.#budget.takeBytes(packet.length)) {
      counters.overBudget++
      return
    }
    this.#noteSent(extSeq, nowMs)
    const past = stretch !== this.#stretches.newest
    if (this.pace?.(extSeq, packet.length, past, nowMs) === false) return
    this.#send(stretch, packet, extSeq, nowMs)
  }

  /** Sends the packet `extSeq` again, now; returns its bytes, 0 if it cannot be. */
  sendAgain(extSeq: number, nowMs: number): number {
    const stretch = this.#stretches.of(extSeq)
    const packet = stretch?.packet(extSeq)
    return stretch && packet ? this.#send(stretch, packet, extSeq, nowMs) : 0
  }

  /** Sends the newest packet that is kept over RTX, although nobody has asked for it: padding for a probe. Returns its bytes, 0 without RTX. */
  sendPadding(newestExtSeq: number, nowMs: number): number {
    const stretch = this.#stretches.of(newestExtSeq)
    const packet = stretch?.packet(newestExtSeq)
    if (!stretch || !packet || !usesRtx(this.#section, stretch.payloadCodec.rtxPayloadType)) return 0
    return this.#send(stretch, packet, newestExtSeq, nowMs)
  }

  #send(stretch: Stretch, packet: StoredPacket, extSeq: number, nowMs: number): number {
    const { counters } = this
    const rtx = usesRtx(this.#section, stretch.payloadCodec.rtxPayloadType)
    const writer = this.#writer
    const offset = rtx
      ? writer.writeRtx(packet, stretch, extSeq, this.#nextRtxExtSeq)
      : writer.write(packet, stretch, extSeq, false)
    if (offset < 0) {
      counters.overBudget++
      return 0
    }
    const { headerLength, length } = writer
    counters.packets++
    counters.bytes += length
    if (!rtx) {
      this.packetsOnStream++
      this.payloadBytesOnStream += length - headerLength
    }
    this.#output.sendRtp(offset, headerLength, length, rtx ? this.#nextRtxExtSeq++ : extSeq)
    writer.noteSent(nowMs)
    return length
  }

  #lastSentMs(extSeq: number): number {
    const at = extSeq % REMEMBERED
    return this.#sentExtSeq[at] === extSeq ? (this.#sentMs[at] as number) : Number.NEGATIVE_INFINITY
  }

  #noteSent(extSeq: number, nowMs: number): void {
    if (this.#sentExtSeq.length === 0) {
      this.#sentExtSeq = new Float64Array(REMEMBERED).fill(-1)
      this.#sentMs = new Float64Array(REMEMBERED)
    }
    const at = extSeq % REMEMBERED
    this.#sentExtSeq[at] = extSeq
    this.#sentMs[at] = nowMs
  }
}
