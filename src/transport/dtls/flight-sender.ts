/** Sends flights: several records per datagram, a fresh record number each time, repeated until answered (RFC 6347, sections 4.1 and 4.2.4). */
import type { TimerHost } from '../../util/clock.js'
import { RECORD_HEADER_BYTES, readRecords, writeRecord } from './record.js'

/** A flight fits one datagram on any path (RFC 8261, section 5, assumes as much of WebRTC's DTLS). */
const MAX_DATAGRAM_BYTES = 1200
/** First wait before a flight is repeated; it doubles each time. RFC 6347 says one second, WebRTC stacks are quicker. */
const FIRST_TIMEOUT_MS = 250
const MAX_TIMEOUT_MS = 2000
/** About 12 s in all; the owner has given up by then. */
const MAX_TIMEOUTS = 8
/** How often repetitions of the peer's flight make ours repeat, in one association. */
const MAX_ANSWERED_REPETITIONS = 16

/** The sending half of a handshake. */
export class FlightSender {
  readonly #send: (datagram: Buffer) => void
  readonly #timers: TimerHost
  #flight: Buffer[] = []
  /** The message of the peer that this flight answers; -1 if none. */
  #answersSeq = -1
  #plainSequence = 0
  #timeouts = 0
  #repetitions = 0
  #cancelTimer: (() => void) | undefined

  constructor(send: (datagram: Buffer) => void, timers: TimerHost) {
    this.#send = send
    this.#timers = timers
  }

  /** How often a flight was sent again. */
  get retransmissions(): number {
    return this.#timeouts + this.#repetitions
  }

  /** Sends a flight and keeps it for repetition; a `timed` one repeats by itself until the next flight or {@link FlightSender.settle}. */
  sendFlight(flight: readonly Buffer[], answersSeq: number, timed: boolean): void {
    this.settle()
    this.#flight = [...flight]
    this.#answersSeq = answersSeq
    this.#transmit()
    if (timed) this.#arm(FIRST_TIMEOUT_MS, MAX_TIMEOUTS)
  }

  /** The peer repeats the message `messageSeq`: it may have missed the flight that answers it. */
  repeatedByPeer(messageSeq: number): void {
    if (messageSeq !== this.#answersSeq || this.#repetitions >= MAX_ANSWERED_REPETITIONS) return
    this.#repetitions++
    this.#transmit()
  }

  /** Sends one record that belongs to no flight. */
  sendPlain(contentType: number, fragment: Buffer): void {
    this.#send(writeRecord(contentType, 0, this.#plainSequence++, fragment))
  }

  /** The flight has been answered: it is not repeated by time any more. */
  settle(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Ends all sending. */
  close(): void {
    this.settle()
    this.#flight = []
    this.#answersSeq = -1
  }

  #arm(delayMs: number, left: number): void {
    this.#cancelTimer = this.#timers.setTimer(delayMs, () => {
      this.#cancelTimer = undefined
      this.#timeouts++
      this.#transmit()
      if (left > 1) this.#arm(Math.min(delayMs * 2, MAX_TIMEOUT_MS), left - 1)
    })
  }

  #transmit(): void {
    let batch: Buffer[] = []
    let length = 0
    for (const record of readRecords(this.#flight)) {
      const recordLength = RECORD_HEADER_BYTES + record.fragment.length
      if (length > 0 && length + recordLength > MAX_DATAGRAM_BYTES) {
        this.#send(Buffer.concat(batch))
        batch = []
        length = 0
      }
      // Plain records get a new number, or the peer's replay check would drop a repetition. Protected ones are bound to theirs:
      // sent again they are the very same bytes.
      const sequence = record.epoch === 0 ? this.#plainSequence++ : record.sequence
      batch.push(writeRecord(record.contentType, record.epoch, sequence, record.fragment))
      length += recordLength
    }
    if (length > 0) this.#send(Buffer.concat(batch))
  }
}
