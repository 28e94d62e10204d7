/**
 * Where a peer's media leave, the `RtpOutput` of the media core: all that sending a packet to it takes in one object, as each object more is memory that has to be fetched for every
 * viewer and packet. An RTP packet is encrypted just before it leaves, in one go with those to other viewers.
 */
import type { PeerTransportDrops, PeerTransportTraffic } from './peer-transport-stats.js'
import type { MediaSender, PacketSealer, RemoteAddress, SrtpSender, StreamPath } from './types.js'

/** See the top of the file. */
export class PeerOutput implements PacketSealer {
  readonly #sender: MediaSender
  #srtp: SrtpSender | undefined
  #to: RemoteAddress | undefined
  #stream: StreamPath | undefined
  #overhead = 0
  #rtpOverhead = 0
  #rtpPackets = 0
  #rtpBytes = 0
  #rtcpPackets = 0
  #rtcpBytes = 0
  #sendQueueFull = 0
  #unprotected = 0

  /** @param sender of the peer's port. */
  constructor(sender: MediaSender) {
    this.#sender = sender
  }

  /** Where `reserve` points into; read it anew after each `reserve`. */
  get buffer(): Buffer {
    return this.#sender.buffer
  }

  /** True while the peer's TCP connection does not take what it is sent; never so over UDP. */
  get backlogged(): boolean {
    return this.#stream?.backlogged === true
  }

  /** What goes out from now on goes to `address`; nowhere if that is undefined. */
  sendTo(address: RemoteAddress | undefined): void {
    this.#to = address
    this.#stream = address?.stream
  }

  /** Media go out from now on, protected by `srtp`. */
  open(srtp: SrtpSender): void {
    this.#srtp = srtp
    this.#rtpOverhead = srtp.rtpOverhead
    this.#overhead = Math.max(srtp.rtpOverhead, srtp.rtcpOverhead)
  }

  /** Lets go of the keys: nothing goes out any more but what was sent before. Idempotent. */
  close(): void {
    if (this.#srtp === undefined) return
    this.#sender.seal()
    this.#srtp.close()
    this.#srtp = undefined
  }

  /** Room for a plain packet of at most `length` bytes, and for what SRTP adds; -1 when it must be dropped. */
  reserve(length: number): number {
    if (this.#srtp === undefined) return -1
    const bytes = length + this.#overhead
    const fits = this.#stream === undefined || this.#stream.hasRoom(bytes)
    const offset = fits ? this.#sender.reserve(bytes) : -1
    if (offset < 0) this.#sendQueueFull++
    return offset
  }

  /** Encrypts and sends the RTP packet written at `offset`; `extSeq` is its unwrapped sequence number. */
  sendRtp(offset: number, headerLength: number, length: number, extSeq: number): void {
    const to = this.#to
    if (this.#srtp === undefined || to === undefined) return
    this.#sender.commitPlain(offset, headerLength, length + this.#rtpOverhead, extSeq, this, to)
  }

  /** Encrypts and sends the compound RTCP packet written at `offset`. */
  sendRtcp(offset: number, length: number): void {
    const to = this.#to
    if (this.#srtp === undefined || to === undefined) return
    const protectedLength = this.#srtp.protectRtcp(this.buffer, offset, length)
    if (protectedLength <= 0) {
      this.#unprotected++
      return
    }
    this.#rtcpPackets++
    this.#rtcpBytes += protectedLength
    this.#sender.commit(offset, protectedLength, to)
  }

  seal(buffer: Buffer, offset: number, headerLength: number, sealedLength: number, extSeq: number): boolean {
    const length = sealedLength - this.#rtpOverhead
    if (this.#srtp?.protectRtp(buffer, offset, headerLength, length, extSeq) !== sealedLength) {
      this.#unprotected++
      return false
    }
    this.#rtpPackets++
    this.#rtpBytes += sealedLength
    return true
  }

  /** Adds what it has counted so far. */
  addTo(traffic: PeerTransportTraffic, dropped: PeerTransportDrops): void {
    traffic.rtpPacketsOut += this.#rtpPackets
    traffic.rtpBytesOut += this.#rtpBytes
    traffic.rtcpPacketsOut += this.#rtcpPackets
    traffic.rtcpBytesOut += this.#rtcpBytes
    traffic.packetsOut += this.#rtpPackets + this.#rtcpPackets
    traffic.bytesOut += this.#rtpBytes + this.#rtcpBytes
    dropped.sendQueueFull += this.#sendQueueFull
    dropped.unprotected += this.#unprotected
  }
}
