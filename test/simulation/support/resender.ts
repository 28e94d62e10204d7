/** A publisher's memory of what it has sent, from which it answers NACKs: over RTX (RFC 4588) or by the same packet again. */
import { feedbackMediaSsrc, readNack } from '../../../src/rtp/rtcp/feedback.js'
import type { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'

export interface RtxStreamOptions {
  readonly ssrc: number
  readonly payloadType: number
  /** The first sequence number. */
  readonly seq?: number
  /** Header extension elements instead of those of the original. */
  readonly elements?: readonly { readonly id: number; readonly data: Uint8Array }[]
}

const KEPT = 2000

export class Resender {
  /** Packets asked for, every time counted; and how often each was. */
  asked = 0
  resent = 0
  readonly askedTimes = new Map<number, number>()
  readonly #kept = new Map<number, Buffer>()
  #rtxSeq: number

  /** @param send puts a packet on the way. @param rtx the retransmission stream; without, packets go again as they are. */
  constructor(
    readonly ssrc: number,
    readonly send: (packet: Buffer) => void,
    readonly rtx?: RtxStreamOptions,
  ) {
    this.#rtxSeq = rtx?.seq ?? 1
  }

  /** Remembers a packet that is being sent. */
  keep(packet: Buffer): void {
    if (packet.readUInt32BE(8) !== this.ssrc) return
    const seq = packet.readUInt16BE(2)
    this.#kept.delete(seq)
    this.#kept.set(seq, packet)
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value as number)
  }

  receiveNack(packet: Buffer, reader: RtcpReader): void {
    if (feedbackMediaSsrc(packet, reader) !== this.ssrc) return
    const seqs: number[] = []
    readNack(packet, reader, seqs)
    for (const seq of seqs) {
      this.asked++
      this.askedTimes.set(seq, (this.askedTimes.get(seq) ?? 0) + 1)
      const kept = this.#kept.get(seq)
      if (kept === undefined) continue
      this.resent++
      this.send(this.rtx === undefined ? kept : this.retransmission(kept, this.rtx))
    }
  }

  /** The retransmission of a packet. */
  retransmission(original: Buffer, rtx: RtxStreamOptions): Buffer {
    const header = new RtpHeader()
    header.parse(original, 0, original.length)
    const extension = rtx.elements === undefined ? original.subarray(12, header.headerLength) : block(rtx.elements)
    const fixed = Buffer.from(original.subarray(0, 12))
    fixed[0] = 0x80 | (extension.length > 0 ? 0x10 : 0)
    fixed[1] = ((fixed[1] as number) & 0x80) | rtx.payloadType
    fixed.writeUInt16BE(this.#rtxSeq++ & 0xffff, 2)
    fixed.writeUInt32BE(rtx.ssrc, 8)
    return Buffer.concat([fixed, extension, original.subarray(2, 4), original.subarray(header.headerLength)])
  }
}

function block(elements: NonNullable<RtxStreamOptions['elements']>): Buffer {
  const bytes = Buffer.concat(elements.map(({ id, data }) => Buffer.from([(id << 4) | (data.length - 1), ...data])))
  if (bytes.length === 0) return bytes
  const padded = Buffer.alloc(4 + ((bytes.length + 3) & ~3))
  padded.writeUInt16BE(0xbede, 0)
  padded.writeUInt16BE(padded.length / 4 - 1, 2)
  bytes.copy(padded, 4)
  return padded
}
