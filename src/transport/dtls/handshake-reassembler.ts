/** Puts handshake fragments together and hands the messages out in order (RFC 6347, section 4.2.3), within a fixed amount of memory. */
import { createHandshakeMessage, type HandshakeFragment, type HandshakeMessage } from './handshake-message.js'

/** No message of a handshake that is not an attack comes near; a certificate chain of RSA keys has a few kilobytes. */
export const MAX_MESSAGE_BYTES = 16384
/** What may wait for an earlier message or for its own missing pieces. */
export const MAX_BUFFERED_BYTES = 32768
/** A flight has at most five messages; pieces of later ones are not kept. */
export const MESSAGE_WINDOW = 6

interface PartialMessage {
  readonly type: number
  readonly encrypted: boolean
  readonly body: Buffer
  /** One flag per byte: pieces may overlap when the peer fragments a retransmission differently. */
  readonly present: Uint8Array
  missing: number
}

/** What became of a fragment. */
export type FragmentFate = 'stored' | 'duplicate' | 'refused'

/** The receiving half of one handshake. Tolerates loss, reordering, duplication and overlapping fragments. */
export class HandshakeReassembler {
  readonly #partial = new Map<number, PartialMessage>()
  #nextSeq: number
  #bufferedBytes = 0

  constructor(nextSeq = 0) {
    this.#nextSeq = nextSeq
  }

  /** The message_seq that is handed out next. */
  get nextSeq(): number {
    return this.#nextSeq
  }

  /** Body bytes held, always at most {@link MAX_BUFFERED_BYTES}. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** Takes a copy of a fragment. `duplicate` is a piece of a message that was already handed out. */
  push(fragment: HandshakeFragment, encrypted: boolean): FragmentFate {
    const { messageSeq, length } = fragment
    if (messageSeq < this.#nextSeq) return 'duplicate'
    if (messageSeq >= this.#nextSeq + MESSAGE_WINDOW || length > MAX_MESSAGE_BYTES) return 'refused'
    let partial = this.#partial.get(messageSeq)
    if (partial === undefined) {
      if (!this.#makeRoom(messageSeq, length)) return 'refused'
      partial = {
        type: fragment.type,
        encrypted,
        body: Buffer.alloc(length),
        present: new Uint8Array(length),
        missing: length,
      }
      this.#partial.set(messageSeq, partial)
      this.#bufferedBytes += length
    } else if (
      partial.type !== fragment.type ||
      partial.body.length !== length ||
      // A message is either protected in all its pieces or in none.
      partial.encrypted !== encrypted
    ) {
      return 'refused'
    }
    for (let i = 0; i < fragment.body.length; i++) {
      const at = fragment.offset + i
      // The first copy of a byte stays, so that a later piece cannot change what was already received.
      if (partial.present[at] === 1) continue
      partial.present[at] = 1
      partial.body[at] = fragment.body[i] as number
      partial.missing--
    }
    return 'stored'
  }

  /** The next message if all of it is here. */
  peek(): HandshakeMessage | undefined {
    const partial = this.#partial.get(this.#nextSeq)
    if (partial === undefined || partial.missing > 0) return undefined
    return createHandshakeMessage(partial.type, this.#nextSeq, partial.body, partial.encrypted)
  }

  /** Goes on to the following message. */
  advance(): void {
    this.discard()
    this.#nextSeq++
  }

  /** Forgets the next message, so that another one may come in its place. */
  discard(): void {
    this.#forget(this.#nextSeq)
  }

  /** The message that everything else waits for may push out those that came too early. */
  #makeRoom(messageSeq: number, length: number): boolean {
    if (this.#bufferedBytes + length > MAX_BUFFERED_BYTES && messageSeq === this.#nextSeq) {
      for (const seq of [...this.#partial.keys()]) this.#forget(seq)
    }
    return this.#bufferedBytes + length <= MAX_BUFFERED_BYTES
  }

  #forget(messageSeq: number): void {
    const partial = this.#partial.get(messageSeq)
    if (partial === undefined) return
    this.#partial.delete(messageSeq)
    this.#bufferedBytes -= partial.body.length
  }
}
