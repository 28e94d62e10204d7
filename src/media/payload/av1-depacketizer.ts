/**
 * AV1 temporal units in the low-overhead format: the OBUs of their elements, each with its size (RTP Payload Format For AV1, v1.0, sections
 * 4.4 and 5; AV1 specification, sections 5.2 and 5.3).
 */
import { Av1Elements } from '../codecs/av1-elements.js'
import { leb128Length, readLeb128 } from '../codecs/leb128.js'
import { joinBytes } from './join-bytes.js'
import type { Depacketizer } from './types.js'

/** More than a temporal unit has by far: each costs more than its bytes. */
const MAX_OBUS = 4096

const TEMPORAL_DELIMITER = 2
const TILE_LIST = 8
const PADDING = 15

const HAS_SIZE = 0x02
const HAS_EXTENSION = 0x04
const FORBIDDEN = 0x80

// Scratch memory of the thread, where packets are handled one at a time.
const elements = new Av1Elements()

/** Leaves out what decoders do not need; what is left may be nothing. */
export class Av1Depacketizer implements Depacketizer {
  readonly #maxFrameBytes: number

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const out: Uint8Array[] = []
    /** The fragments of an OBU that is not complete. */
    let fragments: Uint8Array[] = []
    let count = 0
    for (const payload of payloads) {
      elements.reset(payload, 0, payload.length)
      // Each packet says what the one before has said, too.
      if (payload.length < 2 || elements.continues !== fragments.length > 0) return undefined
      while (elements.next()) {
        fragments.push(payload.subarray(elements.start, elements.end))
        if (elements.end === payload.length && elements.continued) break
        if (++count > MAX_OBUS || !this.#takeObu(fragments, out)) return undefined
        fragments = []
      }
      if (elements.cutOff || elements.continued !== fragments.length > 0) return undefined
    }
    return payloads.length === 0 || fragments.length > 0 ? undefined : joinBytes(out, this.#maxFrameBytes)
  }

  /** Writes an OBU with its size to `out`; false if it is malformed. An empty element is none. */
  #takeObu(fragments: readonly Uint8Array[], out: Uint8Array[]): boolean {
    const [first] = fragments
    const obu = fragments.length === 1 ? first : joinBytes(fragments, this.#maxFrameBytes)
    if (obu === undefined) return false
    if (obu.length === 0) return true
    const header = obu[0] as number
    let start = (header & HAS_EXTENSION) === 0 ? 1 : 2
    if ((header & FORBIDDEN) !== 0 || start > obu.length) return false
    const type = (header >> 3) & 0x0f
    let end = obu.length
    if ((header & HAS_SIZE) !== 0) {
      const size = readLeb128(obu, start, end)
      if (size < 0) return false
      const sizeStart = start
      start += leb128Length(obu, sizeStart)
      if (start + size > end) return false
      end = start + size
      if (isNeeded(type)) out.push(obu.subarray(0, end))
      return true
    }
    if (isNeeded(type)) out.push(headWithSize(obu, start, end - start), obu.subarray(start, end))
    return true
  }
}

function isNeeded(type: number): boolean {
  return type !== TEMPORAL_DELIMITER && type !== TILE_LIST && type !== PADDING
}

/** The OBU's header of `headerLength` bytes, and how much follows it. */
function headWithSize(obu: Uint8Array, headerLength: number, size: number): Uint8Array {
  const head = [(obu[0] as number) | HAS_SIZE]
  if (headerLength === 2) head.push(obu[1] as number)
  for (let rest = size; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      head.push(rest)
      return Uint8Array.from(head)
    }
    head.push((rest % 128) | 0x80)
  }
}
