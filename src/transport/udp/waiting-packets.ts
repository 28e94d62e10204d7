/** Packets that are written and wait to be encrypted and sent together, with a datagram in between that need not be encrypted. */
import type { PacketSealer, RemoteAddress } from '../types.js'

/** What a packet is that was pushed; kept and used again. */
interface WaitingPacket {
  offset: number
  headerLength: number
  /** Once it is encrypted; -1 if it may not be sent. */
  length: number
  extSeq: number
  /** Undefined where nothing is to be encrypted any more. */
  sealer: PacketSealer | undefined
  remote: RemoteAddress | undefined
}

/** See the top of the file. */
export class WaitingPackets {
  count = 0
  /** Of all of them together. */
  bytes = 0
  readonly #packets: WaitingPacket[] = []

  /** Appends one; `sealer` is left out if nothing is to be encrypted. */
  push(
    offset: number,
    headerLength: number,
    length: number,
    extSeq: number,
    sealer: PacketSealer | undefined,
    remote: RemoteAddress,
  ): void {
    let packet = this.#packets[this.count]
    if (packet === undefined) {
      packet = { offset, headerLength, length, extSeq, sealer, remote }
      this.#packets.push(packet)
    } else {
      packet.offset = offset
      packet.headerLength = headerLength
      packet.length = length
      packet.extSeq = extSeq
      packet.sealer = sealer
      packet.remote = remote
    }
    this.count++
    this.bytes += length
  }

  /** Has those encrypted that are not. They lie in `buffer`. */
  seal(buffer: Buffer): void {
    for (let i = 0; i < this.count; i++) {
      const packet = this.#packets[i] as WaitingPacket
      const { sealer } = packet
      if (sealer === undefined) continue
      packet.sealer = undefined
      if (sealer.seal(buffer, packet.offset, packet.headerLength, packet.length, packet.extSeq)) continue
      this.bytes -= packet.length
      packet.length = -1
    }
  }

  /** Hands over all that may be sent, all of it encrypted, and forgets them. */
  take(send: (offset: number, length: number, remote: RemoteAddress) => void): void {
    const { count } = this
    this.count = 0
    this.bytes = 0
    for (let i = 0; i < count; i++) {
      const packet = this.#packets[i] as WaitingPacket
      const remote = packet.remote as RemoteAddress
      packet.remote = undefined
      if (packet.length >= 0) send(packet.offset, packet.length, remote)
    }
  }
}
