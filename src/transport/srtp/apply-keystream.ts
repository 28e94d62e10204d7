/** Exclusive-or with a keystream, in place. */

// Packets lie in few buffers, mostly in one: making a view of it for each costs more than the work.
let lastBuffer: ArrayBufferLike | undefined
let lastView: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0))

/**
 * Applies `keystream` from `offset` on to `buffer[start, start + length)`. Both have that many bytes there.
 *
 * Four bytes at a time: packets lie at any offset, which a `Uint32Array` does not take but a `DataView` does. Eight at a time are BigInts, which
 * cost 25 times as much.
 */
export function applyKeystream(
  keystream: DataView,
  offset: number,
  buffer: Buffer,
  start: number,
  length: number,
): void {
  if (buffer.buffer !== lastBuffer) {
    lastBuffer = buffer.buffer
    lastView = new DataView(lastBuffer)
  }
  const target = lastView
  const at = buffer.byteOffset + start
  const wholeWords = length & ~3
  // The byte order is the machine's business as long as it is the same for both.
  for (let i = 0; i < wholeWords; i += 4) {
    target.setInt32(at + i, target.getInt32(at + i, true) ^ keystream.getInt32(offset + i, true), true)
  }
  for (let i = wholeWords; i < length; i++)
    target.setUint8(at + i, target.getUint8(at + i) ^ keystream.getUint8(offset + i))
}
