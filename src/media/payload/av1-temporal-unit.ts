/** A whole AV1 temporal unit in the low-overhead format, in which every OBU has its size (AV1 specification, sections 5.2 and 5.3). */
import { leb128Length, readLeb128 } from '../codecs/leb128.js'

const HAS_EXTENSION = 0x04
const HAS_SIZE = 0x02

/** One open bitstream unit. */
export interface Av1Obu {
  /** obu_type. */
  readonly type: number
  /** obu_header, which is one byte, or two with an extension; without its flag for a size. */
  readonly header: readonly number[]
  /** Spatial and temporal id; undefined without extension. */
  readonly layer: number | undefined
  /** What follows the header and the size. It points into the temporal unit. */
  readonly data: Uint8Array
}

/** The OBUs of a temporal unit. One without size is the last. What is malformed ends them: an OBU that is cut off is left out. */
export function av1Obus(unit: Uint8Array): Av1Obu[] {
  const obus: Av1Obu[] = []
  for (let at = 0; at < unit.length; ) {
    const first = unit[at] as number
    const forbidden = (first & 0x80) !== 0
    const extended = (first & HAS_EXTENSION) !== 0
    const extension = unit[at + 1]
    if (forbidden || (extended && extension === undefined)) return obus
    at += extended ? 2 : 1
    const hasSize = (first & HAS_SIZE) !== 0
    const size = hasSize ? readLeb128(unit, at, unit.length) : unit.length - at
    if (size < 0) return obus
    const start = hasSize ? at + leb128Length(unit, at) : at
    if (start + size > unit.length) return obus
    at = start + size
    const layer = extended ? (extension as number) >> 3 : undefined
    const header = [first & ~HAS_SIZE, ...(extended ? [extension as number] : [])]
    obus.push({ type: (first >> 3) & 0x0f, header, layer, data: unit.subarray(start, at) })
  }
  return obus
}
