/** Packets that wait for others: copies of what the frames are made of, by unwrapped sequence number. */
import type { Codec } from '../../rtp/types.js'
import { beginsKeyframe } from '../payload/begins-frame.js'
import type { StoredPacket } from '../types.js'

/** What a packet costs besides its payload: about what its objects take. */
const PACKET_OVERHEAD_BYTES = 500

/** A packet without its header, as it is needed to make a frame. */
export interface WaitingPacket {
  readonly extSeq: number
  readonly timestamp: number
  readonly marker: boolean
  readonly codec: Codec
  readonly payload: Uint8Array
  readonly arrivalMs: number
  /** When it came here. */
  readonly takenMs: number
}

/** They come in any order and go by number. */
export class PacketWindow {
  /** In the order of arrival, as maps are. */
  readonly #packets = new Map<number, WaitingPacket>()
  /** Those of them that keyframes begin with. */
  readonly #keyframes = new Set<number>()
  #bytes = 0

  /** What the packets take. */
  get bytes(): number {
    return this.#bytes
  }

  get(extSeq: number): WaitingPacket | undefined {
    return this.#packets.get(extSeq)
  }

  /** Copies the packet; false if it is here already. */
  add(packet: StoredPacket, nowMs: number): boolean {
    const { extSeq, timestamp, marker, codec, arrivalMs, bytes, start, headerLength, length } = packet
    if (this.#packets.has(extSeq)) return false
    const payload = new Uint8Array(length - headerLength)
    payload.set(bytes.subarray(start + headerLength, start + length))
    this.#packets.set(extSeq, { extSeq, timestamp, marker, codec, payload, arrivalMs, takenMs: nowMs })
    if (beginsKeyframe(codec, payload)) this.#keyframes.add(extSeq)
    this.#bytes += payload.length + PACKET_OVERHEAD_BYTES
    return true
  }

  /** Takes the packets `[from, to)` out, as far as they are here. */
  take(from: number, to: number): WaitingPacket[] {
    const taken: WaitingPacket[] = []
    for (let extSeq = from; extSeq < to; extSeq++) {
      const packet = this.#packets.get(extSeq)
      if (packet === undefined) continue
      this.#packets.delete(extSeq)
      this.#keyframes.delete(extSeq)
      this.#bytes -= packet.payload.length + PACKET_OVERHEAD_BYTES
      taken.push(packet)
    }
    return taken
  }

  /** The packet behind `extSeq` that came first, which is when `extSeq` was missed. */
  firstBehind(extSeq: number): WaitingPacket | undefined {
    for (const packet of this.#packets.values()) if (packet.extSeq > extSeq) return packet
    return undefined
  }

  /** True if a keyframe begins with the packet `extSeq`, which is here. */
  isKeyframe(extSeq: number): boolean {
    return this.#keyframes.has(extSeq)
  }

  /** The lowest number behind `extSeq` that a keyframe begins with; -1 without one. */
  keyframeBehind(extSeq: number): number {
    let lowest = -1
    for (const start of this.#keyframes) if (start > extSeq && (lowest < 0 || start < lowest)) lowest = start
    return lowest
  }
}
