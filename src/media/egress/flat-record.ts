/**
 * Numbers that change with every packet, side by side in memory. As fields of objects each of them that is not a small integer has a cache line of its
 * own; here eight share one, and none is ever allocated anew.
 */

/** As many as records share one array: its own head is then read from the cache, whoever asks. */
const CHUNK_LENGTH = 1024

/** The owner's numbers: `numbers[at]` and those behind it. */
export interface FlatRecord {
  readonly numbers: Float64Array
  readonly at: number
}

let chunk = new Float64Array(0)
let used = 0

/** `length` numbers at zero. They live as long as somebody refers to their array, which is shared with some others. */
export function takeRecord(length: number): FlatRecord {
  if (used + length > chunk.length) {
    chunk = new Float64Array(Math.max(CHUNK_LENGTH, length))
    used = 0
  }
  const at = used
  used += length
  return { numbers: chunk, at }
}
