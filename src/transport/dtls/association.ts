/**
 * One DTLS 1.2 association (RFC 6347): takes datagrams apart, hands the handshake's messages to the guard of its role in order,
 * and after that accepts nothing but authentic alerts.
 *
 * Alerts (RFC 5246, section 7.2). Until the handshake is complete there is nothing to authenticate them with, so a plain fatal
 * alert or close_notify ends it as `failed`; datagrams come from addresses that ICE has validated. Afterwards only protected ones
 * count: close_notify and fatal alerts both end it as `close-notify`, and a plain alert is dropped.
 */
import type { TimerHost } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import type { DtlsEnd, DtlsOptions, DtlsTransport } from '../types.js'
import { ALERT, readAlert, writeAlert } from './alert.js'
import { createDropCounts, type DtlsStats } from './association-stats.js'
import { FlightSender } from './flight-sender.js'
import type { DtlsParameters, Handshake, HandshakeStep } from './handshake.js'
import type { ProtectedRecords } from './handshake-engine.js'
import { type HandshakeMessage, readFragments } from './handshake-message.js'
import { HandshakeReassembler } from './handshake-reassembler.js'
import { CONTENT_TYPE, type DtlsRecord, RECORD_HEADER_BYTES, readRecord } from './record.js'

const log = createLog('dtls')

/** Protected records that overtook the message that brings their keys: a Finished, and perhaps an alert, repeated a few times. */
const MAX_HELD_RECORDS = 8
const MAX_HELD_RECORD_BYTES = 512
const MAX_RECORDS_PER_DATAGRAM = 32
/** Record numbers of our alerts, far beyond those of the engine's Finished: under GCM none may be used twice. */
const FIRST_ALERT_SEQUENCE = 0x10000

/** A handshake and, once it has one, its engine. */
export type HandshakeWithEngine = Handshake & { readonly engine: ProtectedRecords | undefined }

/** One DTLS association of either role. */
export class DtlsAssociation implements DtlsTransport {
  readonly #options: DtlsOptions
  readonly #sender: FlightSender
  readonly #dropped = createDropCounts()
  #state: DtlsStats['state'] = 'handshaking'
  #started = false
  /** A client has nothing to hear before it has spoken. */
  #listening: boolean
  /** Everything that only the handshake needs; gone once it is over. */
  #handshake: HandshakeWithEngine | undefined
  #reassembler: HandshakeReassembler | undefined = new HandshakeReassembler()
  #held: DtlsRecord[] = []
  #changeCipherSpecSeen = false
  #pumping = false
  /** What remains after the handshake. */
  #engine: ProtectedRecords | undefined
  #parameters: DtlsParameters | undefined
  #lastMessage: Pick<HandshakeMessage, 'messageSeq' | 'bytes'> | undefined
  #alertSequence = FIRST_ALERT_SEQUENCE

  constructor(options: DtlsOptions, handshake: HandshakeWithEngine, timers: TimerHost) {
    this.#options = options
    this.#handshake = handshake
    this.#listening = options.role === 'server'
    this.#sender = new FlightSender((datagram) => this.#send(datagram), timers)
  }

  /** Counts and agreed parameters. */
  stats(): DtlsStats {
    return {
      state: this.#state,
      retransmissions: this.#sender.retransmissions,
      dropped: { ...this.#dropped },
      parameters: this.#parameters,
    }
  }

  start(): void {
    if (this.#started || this.#state === 'closed') return
    this.#started = true
    this.#handshake
      ?.start()
      .then((flight) => {
        if (this.#state !== 'handshaking') return
        this.#listening = true
        if (flight.length > 0) this.#sender.sendFlight(flight, -1, true)
      })
      .catch((error: unknown) => this.#failInternally(error))
  }

  receive(datagram: Buffer): void {
    if (!this.#listening) {
      this.#dropped.unexpected++
      return
    }
    try {
      let offset = 0
      for (let count = 0; offset < datagram.length && this.#state !== 'closed'; count++) {
        const record = count < MAX_RECORDS_PER_DATAGRAM ? readRecord(datagram, offset) : undefined
        if (record === undefined) {
          this.#dropped.malformed++
          break
        }
        offset += RECORD_HEADER_BYTES + record.fragment.length
        if (this.#state === 'connected') this.#receiveConnected(record)
        else this.#receiveHandshaking(record)
      }
      this.#pump()
    } catch (error) {
      this.#failInternally(error)
    }
  }

  close(): void {
    if (this.#state === 'closed') return
    try {
      if (this.#state === 'connected') this.#sendAlert(ALERT.closeNotify)
    } catch (error) {
      log('close_notify could not be sent: %O', error)
    }
    this.#release()
  }

  #receiveHandshaking(record: DtlsRecord): void {
    if (record.epoch === 1) return this.#hold(record)
    if (record.epoch !== 0) {
      this.#dropped.unexpected++
      return
    }
    switch (record.contentType) {
      case CONTENT_TYPE.handshake:
        return this.#receiveFragments(record.fragment, false)
      case CONTENT_TYPE.changeCipherSpec:
        // It only opens the gate for protected records; the keys come from the key exchange and nothing else.
        if (record.fragment.length === 1 && record.fragment[0] === 1) this.#changeCipherSpecSeen = true
        else this.#dropped.malformed++
        return this.#openHeld()
      case CONTENT_TYPE.alert:
        return this.#receiveAlert(record.fragment)
      default:
        this.#dropped.unexpected++
    }
  }

  #receiveFragments(plaintext: Buffer, encrypted: boolean): void {
    const fragments = readFragments(plaintext)
    if (fragments === undefined) this.#dropped.malformed++
    for (const fragment of fragments ?? []) {
      const fate = this.#reassembler?.push(fragment, encrypted)
      if (fate === 'refused') this.#dropped.refusedFragment++
      // Only the last piece of a repeated message counts, or a fragmented one would be answered several times.
      else if (fate === 'duplicate' && fragment.offset + fragment.body.length === fragment.length) {
        this.#sender.repeatedByPeer(fragment.messageSeq)
      }
    }
  }

  #hold(record: DtlsRecord): void {
    if (this.#canOpen()) return this.#openHandshaking(record)
    if (record.fragment.length > MAX_HELD_RECORD_BYTES) {
      this.#dropped.heldOverflow++
      return
    }
    // The newest stay: what came before its time may be garbage, but the peer's Finished comes last.
    if (this.#held.length >= MAX_HELD_RECORDS) {
      this.#held.shift()
      this.#dropped.heldOverflow++
    }
    this.#held.push({ ...record, fragment: Buffer.from(record.fragment) })
  }

  #canOpen(): boolean {
    return this.#changeCipherSpecSeen && this.#handshake?.canOpen === true
  }

  #openHeld(): void {
    if (!this.#canOpen()) return
    const held = this.#held
    this.#held = []
    for (const record of held) if (this.#state === 'handshaking') this.#openHandshaking(record)
  }

  #openHandshaking(record: DtlsRecord): void {
    const plaintext = this.#open(this.#handshake?.engine, record)
    if (plaintext === undefined) return
    if (record.contentType === CONTENT_TYPE.handshake) this.#receiveFragments(plaintext, true)
    else if (record.contentType === CONTENT_TYPE.alert) this.#receiveAlert(plaintext)
    else this.#dropped.unexpected++
  }

  #open(engine: ProtectedRecords | undefined, record: DtlsRecord): Buffer | undefined {
    const plaintext = engine?.open(record.contentType, record.version, record.sequence, record.fragment)
    if (plaintext === undefined) this.#dropped.unauthentic++
    return plaintext
  }

  #receiveConnected(record: DtlsRecord): void {
    if (record.epoch !== 1) {
      this.#dropped.plaintext++
      return
    }
    const plaintext = this.#open(this.#engine, record)
    if (plaintext === undefined) return
    if (record.contentType === CONTENT_TYPE.alert) return this.#receiveAlert(plaintext)
    if (record.contentType === CONTENT_TYPE.applicationData) {
      this.#dropped.applicationData++
      return
    }
    // A peer that missed our last flight repeats its Finished; anything else would be a renegotiation.
    const last = this.#lastMessage
    if (record.contentType === CONTENT_TYPE.handshake && last?.bytes.equals(plaintext)) {
      this.#sender.repeatedByPeer(last.messageSeq)
    } else {
      this.#dropped.renegotiation++
    }
  }

  #receiveAlert(plaintext: Buffer): void {
    const alert = readAlert(plaintext)
    if (alert === undefined) {
      this.#dropped.malformed++
      return
    }
    const closing = alert.description === ALERT.closeNotify
    if (!closing && !alert.fatal) return
    const detail = closing ? 'close_notify received' : `fatal alert ${alert.description} received`
    if (this.#state !== 'connected') return this.#end('failed', detail)
    if (closing) this.#sendAlert(ALERT.closeNotify)
    this.#end('close-notify', detail)
  }

  /** Hands over what is complete, one message at a time: the engine answers asynchronously. */
  #pump(): void {
    if (this.#pumping || this.#state !== 'handshaking' || this.#reassembler?.peek() === undefined) return
    this.#pumping = true
    this.#takeMessages()
      .then(() => {
        this.#pumping = false
        this.#pump()
      })
      .catch((error: unknown) => this.#failInternally(error))
  }

  async #takeMessages(): Promise<void> {
    for (;;) {
      const message = this.#reassembler?.peek()
      if (message === undefined || this.#handshake === undefined) return
      const step = await this.#handshake.take(message)
      if (this.#state !== 'handshaking') return
      this.#apply(step, message)
      if (this.#state === 'handshaking') this.#openHeld()
    }
  }

  #apply(step: HandshakeStep, message: HandshakeMessage): void {
    switch (step.kind) {
      case 'refused':
        this.#sendAlert(step.alert)
        return this.#end('failed', step.detail)
      case 'discarded':
        this.#dropped.unexpected++
        this.#reassembler?.discard()
        return
      case 'accepted':
        this.#reassembler?.advance()
        return
      case 'answered':
        this.#reassembler?.advance()
        return this.#sender.sendFlight(step.flight, message.messageSeq, step.timed)
      case 'connected':
        return this.#connect(step, message)
    }
  }

  #connect(step: HandshakeStep & { kind: 'connected' }, message: HandshakeMessage): void {
    this.#engine = this.#handshake?.engine
    this.#engine?.endHandshake()
    this.#parameters = step.parameters
    // A copy of its own: the message may be a small part of memory that would be kept with it.
    const bytes = Buffer.alloc(message.bytes.length)
    message.bytes.copy(bytes)
    this.#lastMessage = { messageSeq: message.messageSeq, bytes }
    this.#handshake = undefined
    this.#reassembler = undefined
    this.#held = []
    this.#state = 'connected'
    if (step.flight.length > 0) this.#sender.sendFlight(step.flight, message.messageSeq, false)
    else this.#sender.close()
    log('connected: %o', step.parameters)
    this.#options.onConnected(step.keys)
  }

  #sendAlert(description: number): void {
    const alert = writeAlert(description)
    const engine = this.#engine ?? (this.#handshake?.sealsAlerts ? this.#handshake.engine : undefined)
    if (engine === undefined) this.#sender.sendPlain(CONTENT_TYPE.alert, alert)
    else this.#send(engine.seal(CONTENT_TYPE.alert, this.#alertSequence++, alert))
  }

  #send(datagram: Buffer): void {
    try {
      this.#options.send(datagram)
    } catch (error) {
      log('send threw: %O', error)
    }
  }

  /** What our own code, the engine or a callback of the owner throws ends this association and nothing else. */
  #failInternally(error: unknown): void {
    log('internal error: %O', error)
    this.#end('failed', 'internal error')
  }

  #end(end: DtlsEnd, detail: string): void {
    if (this.#state === 'closed') return
    log('%s: %s', end, detail)
    this.#release()
    try {
      this.#options.onEnd(end, detail)
    } catch (error) {
      log('onEnd threw: %O', error)
    }
  }

  #release(): void {
    this.#state = 'closed'
    this.#sender.close()
    // Outside of JavaScript, nothing is freed by itself.
    this.#handshake?.engine?.endHandshake()
    this.#handshake = undefined
    this.#engine = undefined
    this.#reassembler = undefined
    this.#lastMessage = undefined
    this.#held = []
  }
}
