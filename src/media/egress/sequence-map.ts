/**
 * Sequence numbers without the packets that are left out (temporal and spatial layers that a viewer does not get), so that a viewer does
 * not take them for loss (RFC 3550, section 5.1).
 *
 * What comes out is the number minus how many were left out before it. So lost packets stay the gaps they are, order stays what it is, the same
 * packet always has the same number, and the other way round a number names one packet. The map remembers a window of numbers, a few
 * bits for each; it is made when the first packet is left out, and before that every number maps to itself.
 */

const WORD_BITS = 32

/**
 * How many numbers are remembered unless somebody says otherwise: as many as the history of a layer may keep packets at most (`historyPackets`), so that
 * whatever can be sent again has the number that it had.
 */
const DEFAULT_WINDOW = 16_384

/** The map between a source's unwrapped numbers and the compact ones, which end where the source's newest does, less what was dropped. */
export class SequenceMap {
  readonly #words: number
  /** Rings by number / 32. Bits: the packet was left out, with its number closed up. */
  readonly #dropped: Uint32Array
  /** Bits: the packet was left out, but its number had been passed and stays empty. */
  readonly #withheld: Uint32Array
  /** Bits: what `mark` has noted. */
  readonly #marked: Uint32Array
  /** How many were left out before the word's first number. */
  readonly #before: Float64Array
  /** The newest word that the rings hold. */
  #newestWord: number
  /** The highest number that was mapped. */
  #newestMapped: number

  /**
   * @param newestPassed the highest number that has been passed as it is; one less than the first if there is none.
   * @param window how many of the newest numbers are remembered, rounded up to whole words.
   */
  constructor(newestPassed: number, window = DEFAULT_WINDOW) {
    // The oldest word is partly out of the window.
    this.#words = Math.ceil(window / WORD_BITS) + 1
    this.#dropped = new Uint32Array(this.#words)
    this.#withheld = new Uint32Array(this.#words)
    this.#marked = new Uint32Array(this.#words)
    this.#before = new Float64Array(this.#words)
    this.#newestWord = Math.max(0, wordOf(newestPassed))
    this.#newestMapped = newestPassed
  }

  /** The highest compact number so far. */
  get newestOut(): number {
    return this.#newestMapped < 0 ? -1 : this.#newestMapped - this.#droppedBefore(this.#newestMapped)
  }

  /** How many packets were left out so far with their number closed up. */
  get droppedCount(): number {
    const slot = this.#newestWord % this.#words
    return (this.#before[slot] as number) + popCount(this.#dropped[slot] as number)
  }

  /** The compact number of `extSeq`, which is passed from now on; -1 if the packet was left out, or is too old to know. */
  map(extSeq: number): number {
    this.#advance(wordOf(extSeq))
    if (!this.#knows(extSeq) || this.#isLeftOut(extSeq)) return -1
    if (extSeq > this.#newestMapped) this.#newestMapped = extSeq
    return extSeq - this.#droppedBefore(extSeq)
  }

  /**
   * Leaves the packet `extSeq` out. Its number is closed up unless a later one has been passed already.
   *
   * @returns -1 if nothing remains of it, otherwise the compact number that stays empty: the viewer will miss it unless it is
   * filled with a packet of padding.
   */
  drop(extSeq: number): number {
    const word = wordOf(extSeq)
    this.#advance(word)
    if (!this.#knows(extSeq) || this.#isLeftOut(extSeq)) return -1
    if (extSeq <= this.#newestMapped) {
      setBit(this.#withheld, this.#slot(word), extSeq)
      return extSeq - this.#droppedBefore(extSeq)
    }
    setBit(this.#dropped, this.#slot(word), extSeq)
    // Others that were left out may have overtaken it.
    for (let later = word + 1; later <= this.#newestWord; later++) (this.#before[this.#slot(later)] as number)++
    return -1
  }

  /** The number of the packet that went out as `outExtSeq`, or that has left it empty; -1 for none, and for one that is too old. */
  source(outExtSeq: number): number {
    let low = Math.max(0, this.#oldestKnown)
    let high = this.#newestMapped
    if (high < low || outExtSeq < low - this.#droppedBefore(low) || outExtSeq > this.newestOut) return -1
    // Compact numbers never fall. One that was dropped shares its compact number with the packet behind it, so the last number that maps to it
    // is a packet that was not.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (middle - this.#droppedBefore(middle) <= outExtSeq) low = middle
      else high = middle - 1
    }
    return this.#isDropped(low) ? -1 : low
  }

  /** True if the packet was left out when its number had been passed already, which stays empty. */
  isWithheld(extSeq: number): boolean {
    return this.#knows(extSeq) && this.#bit(this.#withheld, extSeq)
  }

  /** Notes one bit about the packet `extSeq`, for whoever sends it again: that its marker was set here. */
  mark(extSeq: number): void {
    this.#advance(wordOf(extSeq))
    if (this.#knows(extSeq)) setBit(this.#marked, this.#slot(wordOf(extSeq)), extSeq)
  }

  /** What {@link SequenceMap.mark} has noted. */
  isMarked(extSeq: number): boolean {
    return this.#knows(extSeq) && this.#bit(this.#marked, extSeq)
  }

  /** The lowest number in the window, rounded down to its word. */
  get #oldestKnown(): number {
    return (this.#newestWord - this.#words + 1) * WORD_BITS
  }

  #knows(extSeq: number): boolean {
    return extSeq >= 0 && extSeq >= this.#oldestKnown && extSeq < (this.#newestWord + 1) * WORD_BITS
  }

  #isLeftOut(extSeq: number): boolean {
    return this.#isDropped(extSeq) || this.#bit(this.#withheld, extSeq)
  }

  #isDropped(extSeq: number): boolean {
    return this.#bit(this.#dropped, extSeq)
  }

  /** How many below `extSeq`, which must be known, were left out. */
  #droppedBefore(extSeq: number): number {
    const slot = this.#slot(wordOf(extSeq))
    const below = (this.#dropped[slot] as number) & ((1 << bitOf(extSeq)) - 1)
    return (this.#before[slot] as number) + popCount(below)
  }

  #advance(word: number): void {
    if (word <= this.#newestWord) return
    const dropped = this.droppedCount
    // Words that the rings have no room for anyway need no clearing.
    for (let next = Math.max(this.#newestWord + 1, word - this.#words + 1); next <= word; next++) {
      const slot = this.#slot(next)
      this.#dropped[slot] = 0
      this.#withheld[slot] = 0
      this.#marked[slot] = 0
      this.#before[slot] = dropped
    }
    this.#newestWord = word
  }

  #slot(word: number): number {
    return word % this.#words
  }

  #bit(bits: Uint32Array, extSeq: number): boolean {
    return (((bits[this.#slot(wordOf(extSeq))] as number) >>> bitOf(extSeq)) & 1) === 1
  }
}

function setBit(bits: Uint32Array, slot: number, extSeq: number): void {
  bits[slot] = (bits[slot] as number) | (1 << bitOf(extSeq))
}

/** Numbers go beyond 32 bits, so no shift. */
function wordOf(extSeq: number): number {
  return Math.floor(extSeq / WORD_BITS)
}

function bitOf(extSeq: number): number {
  return extSeq % WORD_BITS
}

/** How many of the 32 bits are set. */
function popCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x5555_5555)
  count = (count & 0x3333_3333) + ((count >>> 2) & 0x3333_3333)
  count = (count + (count >>> 4)) & 0x0f0f_0f0f
  return Math.imul(count, 0x0101_0101) >>> 24
}
