/**
 * The packets of a layer, kept once for all sinks: what NACKs will be answered from, and what a joining viewer starts with.
 * Bounded in packets, in bytes and in time; it takes no memory before the first packet, grows with what arrives, and gives its memory back
 * when nothing has come for so long that all of it is too old.
 */
import type { Codec } from '../../rtp/types.js'
import type { PacketHistoryView, StoredPacket } from '../types.js'
import { ByteRing } from './byte-ring.js'

const NO_BYTES = Buffer.alloc(0)

/** Why a packet was not stored. */
export type HistoryRefusal = 'duplicate' | 'too-old' | 'too-large'

/** A {@link StoredPacket} while its history writes it. */
class Slot implements StoredPacket {
  bytes: Buffer = NO_BYTES
  start = 0
  length = 0
  headerLength = 0
  extSeq = -1
  timestamp = 0
  marker = false
  codec!: Codec
  keyframe = false
  arrivalMs = 0
  /** False once the bytes are gone; the number stays, so that a duplicate is still known as one. */
  kept = false
}

/** The facts about a packet that its history notes beside the bytes. */
export interface PacketFacts {
  readonly headerLength: number
  readonly timestamp: number
  readonly marker: boolean
}

/** A ring of packets by unwrapped sequence number. */
export class PacketHistory implements PacketHistoryView {
  /** Why the last `store` returned undefined. */
  refusal: HistoryRefusal = 'duplicate'
  readonly #ring: ByteRing
  readonly #slots: (Slot | undefined)[] = []
  readonly #maxPackets: number
  readonly #maxAgeMs: number
  #newest = -1
  #keyframe = -1
  #keyframeTimestamp = -1
  readonly #evict = (extSeq: number): void => {
    const slot = this.#slotOf(extSeq)
    if (slot === undefined) return
    slot.kept = false
    // A buffer that the ring has exchanged must not live on here.
    slot.bytes = NO_BYTES
  }
  readonly #moved = (extSeq: number, start: number): void => {
    const slot = this.#slotOf(extSeq)
    if (slot === undefined) return
    slot.bytes = this.#ring.buffer
    slot.start = start
  }

  /** @param maxAgeMs how long a packet is kept after its arrival; infinity for as long as there is room. */
  constructor(maxPackets: number, maxBytes: number, maxAgeMs = Number.POSITIVE_INFINITY) {
    this.#maxPackets = maxPackets
    this.#maxAgeMs = maxAgeMs
    this.#ring = new ByteRing(maxPackets, maxBytes)
  }

  get newestExtSeq(): number {
    return this.#newest
  }

  get keyframeExtSeq(): number {
    return this.#keyframe >= 0 && this.get(this.#keyframe) !== undefined ? this.#keyframe : -1
  }

  /** Bytes of memory behind the packets. */
  get capacityBytes(): number {
    return this.#ring.buffer.length
  }

  get(extSeq: number): StoredPacket | undefined {
    // A jump ahead leaves older packets in slots that nothing has taken yet.
    if (extSeq <= this.#newest - this.#maxPackets) return undefined
    const slot = this.#slotOf(extSeq)
    return slot?.kept === true ? slot : undefined
  }

  /**
   * Copies the packet `buffer[start, end)`; undefined, with the reason in `refusal`, if it is known already or lies behind the window.
   * A packet that others have overtaken is stored like any other.
   */
  store(
    buffer: Buffer,
    start: number,
    end: number,
    extSeq: number,
    facts: PacketFacts,
    codec: Codec,
    keyframe: boolean,
    nowMs: number,
  ): StoredPacket | undefined {
    if (extSeq <= this.#newest - this.#maxPackets || extSeq < 0) return this.#refuse('too-old')
    const index = extSeq % this.#maxPackets
    const slot = this.#slots[index] ?? new Slot()
    if (slot.extSeq === extSeq) return this.#refuse('duplicate')
    this.#dropOverdue(nowMs)
    const length = end - start
    const at = this.#ring.take(length, extSeq, this.#evict, this.#moved)
    if (at < 0) return this.#refuse('too-large')
    this.#slots[index] = slot
    buffer.copy(this.#ring.buffer, at, start, end)
    slot.bytes = this.#ring.buffer
    slot.start = at
    slot.length = length
    slot.headerLength = facts.headerLength
    slot.extSeq = extSeq
    slot.timestamp = facts.timestamp
    slot.marker = facts.marker
    slot.codec = codec
    slot.keyframe = keyframe
    slot.arrivalMs = nowMs
    slot.kept = true
    if (extSeq > this.#newest) this.#newest = extSeq
    if (keyframe) this.#noteKeyframe(extSeq, facts.timestamp)
    return slot
  }

  /** Lets go of what is too old, which `store` does by itself while packets come; returns when the next one will be, infinity for never. */
  expire(nowMs: number): number {
    this.#dropOverdue(nowMs)
    const { oldestTag } = this.#ring
    if (oldestTag === undefined) this.#ring.release()
    const oldest = oldestTag === undefined ? undefined : this.#slotOf(oldestTag)
    return (oldest?.arrivalMs ?? Number.POSITIVE_INFINITY) + this.#maxAgeMs
  }

  #dropOverdue(nowMs: number): void {
    const sinceMs = nowMs - this.#maxAgeMs
    for (let tag = this.#ring.oldestTag; tag !== undefined; tag = this.#ring.oldestTag) {
      const slot = this.#slotOf(tag)
      // Where another packet has taken the slot, nobody can ask for these bytes any more.
      if (slot !== undefined && slot.arrivalMs >= sinceMs) return
      this.#ring.dropOldest(this.#evict)
    }
  }

  #noteKeyframe(extSeq: number, timestamp: number): void {
    // The very first packet of the newest keyframe may come after others of it.
    if (extSeq < this.#keyframe && timestamp !== this.#keyframeTimestamp) return
    this.#keyframe = extSeq
    this.#keyframeTimestamp = timestamp
  }

  #refuse(refusal: HistoryRefusal): undefined {
    this.refusal = refusal
    return undefined
  }

  #slotOf(extSeq: number): Slot | undefined {
    if (extSeq < 0) return undefined
    const slot = this.#slots[extSeq % this.#maxPackets]
    return slot?.extSeq === extSeq ? slot : undefined
  }
}
