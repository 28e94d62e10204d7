/** Memory whose addresses all have the same upper half, so that where many of them are written, that half is written once. */
import type { NativeLibrary } from '../koffi-library.js'
import { NativeMemory } from '../native-memory.js'

const WORD = 0x1_0000_0000

/** A block with its address in two halves, as 32-bit numbers that typed arrays take without a conversion. */
export interface WordAddressed {
  readonly memory: NativeMemory
  /** The lower half of the block's address; adding an offset within the block does not carry. */
  readonly low: number
  readonly high: number
}

/** Zeroed memory of `length` bytes, which must be far below 4 GiB. */
export function allocateWordAddressed(library: NativeLibrary, length: number): WordAddressed {
  for (;;) {
    const memory = new NativeMemory(library, length)
    const address = memory.at(0, length)
    // One block in thousands lies across; the next one does not, as this one is still there.
    if ((address % WORD) + length <= WORD)
      return { memory, low: (address % WORD) | 0, high: Math.floor(address / WORD) }
  }
}
