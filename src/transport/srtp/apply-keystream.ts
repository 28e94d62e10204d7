/** Exclusive-or with a keystream, in place. */

// Packets lie in few buffers, mostly in one, and keystreams of a peer in one: making views for each packet costs more than the work.
let lastBuffer: ArrayBufferLike | undefined
let lastWords = new Int32Array(0) as Int32Array
let lastView: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0))

/** Bytes of keystreams, with the views that they are read by. */
export class KeystreamBytes {
  readonly bytes: Buffer
  readonly words: Int32Array
  #view: DataView | undefined

  constructor(bytes: Buffer) {
    // Only a multiple of four can be the beginning of words, and mostly is.
    this.bytes = (bytes.byteOffset & 3) === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer)
    this.words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, bytes.length >>> 2)
  }

  get view(): DataView {
    this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    return this.#view
  }
}

/**
 * Applies `keystream` from `offset` on, a multiple of four, to `buffer[start, start + length)`. Both have that many bytes there.
 *
 * Four bytes at a time, and by typed arrays where the packet lies for it, as what we send does: half the time that a `DataView` takes, which reads at any
 * offset. Eight at a time are BigInts, which cost 25 times as much.
 */
export function applyKeystream(
  keystream: KeystreamBytes,
  offset: number,
  buffer: Buffer,
  start: number,
  length: number,
): void {
  if (buffer.buffer !== lastBuffer) {
    lastBuffer = buffer.buffer
    lastView = new DataView(lastBuffer)
    lastWords = new Int32Array(lastBuffer, 0, lastBuffer.byteLength >>> 2)
  }
  const at = buffer.byteOffset + start
  const wholeWords = length & ~3
  // The byte order is the machine's business as long as it is the same for both.
  if ((at & 3) === 0) {
    applyWords(keystream.words, offset >>> 2, lastWords, at >>> 2, wholeWords >>> 2)
  } else {
    const target = lastView
    const { view } = keystream
    for (let i = 0; i < wholeWords; i += 4) {
      target.setInt32(at + i, target.getInt32(at + i, true) ^ view.getInt32(offset + i, true), true)
    }
  }
  const { bytes } = keystream
  for (let i = wholeWords; i < length; i++) {
    buffer[start + i] = (buffer[start + i] as number) ^ (bytes[offset + i] as number)
  }
}

function applyWords(keystream: Int32Array, offset: number, target: Int32Array, start: number, count: number): void {
  let i = 0
  for (; i + 4 <= count; i += 4) {
    const at = start + i
    const from = offset + i
    target[at] = (target[at] as number) ^ (keystream[from] as number)
    target[at + 1] = (target[at + 1] as number) ^ (keystream[from + 1] as number)
    target[at + 2] = (target[at + 2] as number) ^ (keystream[from + 2] as number)
    target[at + 3] = (target[at + 3] as number) ^ (keystream[from + 3] as number)
  }
  for (; i < count; i++) target[start + i] = (target[start + i] as number) ^ (keystream[offset + i] as number)
}
