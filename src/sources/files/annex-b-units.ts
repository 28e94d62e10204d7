/** The NAL units of a file in the byte stream format (annex B of H.264 and H.265), one after the other. */
import type { ByteWindow } from './byte-window.js'
import { fileUnreadable } from './media-file.js'

const START_CODE = Buffer.from([0, 0, 1])
const READ_BYTES = 64 * 1024

/** One NAL unit. */
export interface PlacedUnit {
  /** Where its start code begins. */
  readonly offset: number
  /** Without the start code. Valid until the next unit is asked for. */
  readonly data: Buffer
}

/** The units from the start code at or behind `from` on. Rejects with `file-unreadable` where one is longer than `maxBytes`. */
export async function* readUnits(
  path: string,
  window: ByteWindow,
  from: number,
  maxBytes: number,
): AsyncGenerator<PlacedUnit, void, undefined> {
  let offset = await findStartCode(path, window, from, Number.POSITIVE_INFINITY)
  while (offset.found) {
    const start = offset.at + START_CODE.length
    const next = await findStartCode(path, window, start, maxBytes)
    const bytes = await window.peek(start, next.at - start)
    let end = Math.min(next.at - start, bytes.length)
    // Of a start code of four bytes, too, the first one is a zero behind the unit; a unit itself never ends in one.
    while (end > 0 && bytes[end - 1] === 0) end--
    if (end > 0) yield { offset: offset.at, data: bytes.subarray(0, end) }
    offset = next
  }
}

/** Where the next start code is, or where the file ends. */
async function findStartCode(
  path: string,
  window: ByteWindow,
  from: number,
  maxBytes: number,
): Promise<{ readonly at: number; readonly found: boolean }> {
  for (let base = from, wanted = READ_BYTES; ; ) {
    const bytes = await window.peek(base, wanted)
    const index = bytes.indexOf(START_CODE)
    if (index >= 0) return { at: base + index, found: true }
    if (bytes.length < wanted) return { at: base + bytes.length, found: false }
    if (base + bytes.length - from > maxBytes) throw fileUnreadable(path, `a NAL unit has more than ${maxBytes} bytes`)
    // The last two bytes may be the first of a start code.
    base += bytes.length - (START_CODE.length - 1)
    wanted = READ_BYTES
  }
}
