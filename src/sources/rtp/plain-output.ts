/** The way out of plain RTP and RTCP: an `RtpOutput` over a datagram sender, with SRTP around each packet where there is a key. */
import type { RtpOutput } from '../../media/types.js'
import { readUint32 } from '../../rtp/bytes.js'
import type { DatagramSender, RemoteAddress, SrtpSender } from '../../transport/types.js'

/** Where packets go, by the SSRC that they are from. */
export interface PlainRoutes {
  /** Undefined for nowhere. */
  rtp(ssrc: number): RemoteAddress | undefined
  /** All that get a compound of that sender. */
  rtcp(ssrc: number): readonly RemoteAddress[]
}

/** See the top of the file. */
export class PlainOutput implements RtpOutput {
  /** Packets that SRTP has no index left for. */
  unprotected = 0
  readonly #sender: DatagramSender
  readonly #srtp: SrtpSender | undefined
  readonly #routes: PlainRoutes
  /** What protection adds at most. */
  readonly #overhead: number

  constructor(sender: DatagramSender, routes: PlainRoutes, srtp?: SrtpSender) {
    this.#sender = sender
    this.#routes = routes
    this.#srtp = srtp
    this.#overhead = srtp === undefined ? 0 : Math.max(srtp.rtpOverhead, srtp.rtcpOverhead)
  }

  get buffer(): Buffer {
    return this.#sender.buffer
  }

  reserve(length: number): number {
    return this.#sender.reserve(length + this.#overhead)
  }

  sendRtp(offset: number, headerLength: number, length: number, extSeq: number): void {
    const remote = this.#routes.rtp(readUint32(this.buffer, offset + 8))
    if (remote === undefined) return
    const sent = this.#srtp?.protectRtp(this.buffer, offset, headerLength, length, extSeq) ?? length
    if (sent > 0) this.#sender.commit(offset, sent, remote)
    else this.unprotected++
  }

  sendRtcp(offset: number, length: number): void {
    const remotes = this.#routes.rtcp(readUint32(this.buffer, offset + 4))
    if (remotes.length === 0) return
    const sent = this.#srtp?.protectRtcp(this.buffer, offset, length) ?? length
    if (sent <= 0) {
      this.unprotected++
      return
    }
    for (const remote of remotes) this.#sender.commit(offset, sent, remote)
  }
}
