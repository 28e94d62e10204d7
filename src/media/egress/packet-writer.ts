/**
 * Makes a viewer's packet from a stored one, in the transport's memory: header, extensions and payload as the stretch has them; as the packet
 * itself or as its retransmission (RFC 4588, section 4). Made again, a packet is the same to the byte.
 */
import { setBlockPayloadTypes } from '../../rtp/red.js'
import { RTP_FIXED_HEADER_LENGTH } from '../../rtp/rtp-header.js'
import { writeRtpHeader } from '../../rtp/rtp-writer.js'
import { RTX_OSN_LENGTH, writeOriginalSeq } from '../../rtp/rtx.js'
import { type PacketReading, readPacket } from '../packet-reading.js'
import type { RtpOutput, StoredPacket } from '../types.js'
import { type CongestionControl, transportWideId } from './congestion-control.js'
import { sendsUnchanged } from './egress-section.js'
import { ExtensionRewriter } from './extension-rewriter.js'
import type { FlatRecord } from './flat-record.js'
import { MAX_NUMBER_BLOCK_ID, NUMBER_BLOCK_LENGTH, writeNumberBlock } from './number-block.js'
import type { OwnExtensions } from './own-extensions.js'
import { PayloadRewriter } from './payload-rewriter.js'
import { StreamName } from './stream-name.js'
import type { StreamSection } from './stream-sections.js'
import type { Stretch } from './stretch.js'

/** A payload of padding alone: one byte, which counts itself (RFC 3550, section 5.1). */
const PADDING = Uint8Array.of(1)
const PADDING_BIT = 0x20

/** Writes the packets of one outgoing stream. */
export class PacketWriter {
  readonly extensions: ExtensionRewriter
  readonly payloads: PayloadRewriter
  /** Packets below this number carry the MID, and the rid where the section has several streams. */
  midUntil = Number.POSITIVE_INFINITY
  /** Of the packet written last. */
  headerLength = 0
  length = 0
  timestamp = 0
  readonly #section: StreamSection
  readonly #output: RtpOutput
  readonly #congestion: CongestionControl | undefined
  readonly #own: OwnExtensions | undefined
  readonly #name: StreamName | undefined
  /** The id of the transport-wide number; 0 if packets carry none. */
  readonly transportWideId: number
  /** Nothing but the number is written by ourselves on a packet whose stream is known. */
  readonly #writesNumberAlone: boolean
  /** The same, or nothing. */
  readonly #writesLittle: boolean

  /**
   * @param record that of the stream.
   * @param congestion whom to tell of what is sent, and what numbers it.
   * @param own the extensions that do not come from the publisher.
   */
  constructor(
    section: StreamSection,
    output: RtpOutput,
    record: FlatRecord,
    congestion?: CongestionControl,
    own?: OwnExtensions,
  ) {
    this.payloads = new PayloadRewriter(record)
    this.#congestion = congestion
    this.#own = own
    // What may have to be sent twice unchanged cannot say when it was sent.
    this.transportWideId = congestion && !sendsUnchanged(section) ? transportWideId(section.extensions) : 0
    this.#section = section
    this.#name = StreamName.create(section)
    const id = this.transportWideId
    this.#writesLittle = id <= MAX_NUMBER_BLOCK_ID && own === undefined
    this.#writesNumberAlone = this.#writesLittle && id > 0 && this.#name === undefined
    this.#output = output
    this.extensions = new ExtensionRewriter(section.mid, section.extensions, own?.replaced)
  }

  /** True if packets of the stream from `extSeq` on carry nothing of our own in their header extension but the transport-wide number, if that. */
  isTerse(extSeq: number): boolean {
    return this.#writesLittle && extSeq >= this.midUntil
  }

  /**
   * Writes the packet `extSeq` of the stream; returns its offset in the output, or -1 without room.
   *
   * @param newest whether no later packet has been sent.
   */
  write(packet: StoredPacket, stretch: Stretch, extSeq: number, newest: boolean): number {
    const { payloadType } = stretch.payloadCodec
    return this.#write(packet, stretch, extSeq, payloadType, extSeq, this.#section.ssrc, 0, newest)
  }

  /** Writes the packet `extSeq` as number `rtxExtSeq` of the retransmission stream, which must have been negotiated; otherwise as `write`. */
  writeRtx(packet: StoredPacket, stretch: Stretch, extSeq: number, rtxExtSeq: number): number {
    const payloadType = stretch.payloadCodec.rtxPayloadType as number
    const ssrc = this.#section.rtxSsrc as number
    return this.#write(packet, stretch, extSeq, payloadType, rtxExtSeq, ssrc, RTX_OSN_LENGTH, false)
  }

  /** The packet written last has been sent. */
  noteSent(nowMs: number): void {
    if (this.transportWideId !== 0) this.#congestion?.sent(this.length, nowMs)
  }

  #write(
    packet: StoredPacket,
    stretch: Stretch,
    extSeq: number,
    payloadType: number,
    seq: number,
    ssrc: number,
    osnLength: number,
    newest: boolean,
  ): number {
    const reading = readPacket(packet)
    const isEmpty = stretch.isEmpty(packet)
    const whole = stretch.dropsRedundancy ? reading.primary : reading.payload
    const payload = isEmpty ? PADDING : whole
    const isNumbered = this.#carriesOnlyNumber(reading, stretch, extSeq)
    const extensionLength = isNumbered
      ? NUMBER_BLOCK_LENGTH
      : this.#prepareExtensions(packet, reading, stretch, extSeq, osnLength > 0, newest)
    this.headerLength = RTP_FIXED_HEADER_LENGTH + extensionLength
    this.length = this.headerLength + osnLength + payload.length
    const offset = this.#output.reserve(this.length)
    if (offset < 0) return -1
    const out = this.#output.buffer
    const timestamp = stretch.timestamp(packet)
    this.timestamp = timestamp
    writeRtpHeader(
      out,
      offset,
      !isEmpty && stretch.marks(packet),
      payloadType,
      seq,
      timestamp,
      ssrc,
      extensionLength > 0,
    )
    if (isNumbered) writeNumberBlock(out, offset + RTP_FIXED_HEADER_LENGTH, this.transportWideId, this.#nextNumber)
    else this.extensions.write(out, offset + RTP_FIXED_HEADER_LENGTH)
    if (osnLength > 0) writeOriginalSeq(out, offset + this.headerLength, extSeq)
    const payloadOffset = offset + this.headerLength + osnLength
    out.set(payload, payloadOffset)
    if (isEmpty) {
      out[offset] = (out[offset] as number) | PADDING_BIT
      return offset
    }
    const { blockPayloadType } = stretch
    if (blockPayloadType >= 0) {
      setBlockPayloadTypes(out, payloadOffset, payloadOffset + payload.length, blockPayloadType)
    }
    const moved = payloadOffset - packet.start - packet.headerLength
    this.payloads.rewrite(reading, out, moved, newest, stretch.counters, stretch.thinning)
    return offset
  }

  /** True if the transport-wide number is all that the packet's header extension has, as in nearly every packet of a video. */
  #carriesOnlyNumber(reading: PacketReading, { extensions }: Stretch, extSeq: number): boolean {
    if (!this.#writesNumberAlone || extSeq < this.midUntil) return false
    return (reading.elementIds & extensions.idSet) === 0
  }

  get #nextNumber(): number {
    return this.#congestion?.nextExtSeq ?? 0
  }

  /** Collects the elements of the packet's header extension; returns the bytes that they take. */
  #prepareExtensions(
    packet: StoredPacket,
    reading: PacketReading,
    stretch: Stretch,
    extSeq: number,
    isRepair: boolean,
    newest: boolean,
  ): number {
    const { elements } = this.extensions
    const isUnknown = extSeq < this.midUntil
    this.extensions.prepare(
      packet,
      reading,
      isUnknown || (isRepair && this.#name !== undefined),
      newest,
      stretch.extensions,
      this.transportWideId,
      this.#nextNumber,
    )
    this.#own?.add(elements, packet, stretch, extSeq, newest)
    if (isRepair || isUnknown) this.#name?.add(elements, isRepair)
    return elements.blockLength
  }
}
