/** Datagrams that are written and wait for the kernel: their bytes in one arena, and where each lies and goes to. */
import type { PacketSealer } from '../../types.js'
import type { NativeLibrary } from '../koffi-library.js'
import { allocateWordAddressed, type WordAddressed } from './address-words.js'

/** What a port with a single peer needs. */
const FIRST_ARENA_BYTES = 32 * 1024
const FIRST_CAPACITY = 32

/** See the top of the file. The arrays are by position, in the order of sending. */
export class SendQueue {
  arena: WordAddressed
  offsets = new Int32Array(FIRST_CAPACITY)
  lengths = new Int32Array(FIRST_CAPACITY)
  /** In the table of destinations. */
  places = new Int32Array(FIRST_CAPACITY)
  /** Of those before it, none waits to be encrypted. */
  #sealed = 0
  #headerLengths = new Int32Array(FIRST_CAPACITY)
  #extSeqs = new Float64Array(FIRST_CAPACITY)
  /** What encrypts the datagram; undefined where nothing is to be encrypted. */
  readonly #sealers: (PacketSealer | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined)
  count = 0
  /** Of all datagrams together. */
  bytes = 0
  /** Where the arena is free. */
  head = 0
  readonly #library: NativeLibrary
  readonly #keepBytes: number

  /** @param keepBytes what the arena is made smaller to when it was larger. */
  constructor(library: NativeLibrary, keepBytes: number) {
    this.#library = library
    this.#keepBytes = keepBytes
    this.arena = allocateWordAddressed(library, FIRST_ARENA_BYTES)
  }

  /** Appends the datagram that was written at `offset`, which must lie in the arena. */
  push(offset: number, length: number, place: number): void {
    const position = this.count
    if (position === this.offsets.length) this.#growArrays()
    this.offsets[position] = offset
    this.lengths[position] = length
    this.places[position] = place
    this.count = position + 1
    this.bytes += length
    this.head = offset + length
  }

  /** The same for a plain RTP packet, which `sealer` makes `length` bytes of. */
  pushPlain(
    offset: number,
    headerLength: number,
    length: number,
    extSeq: number,
    sealer: PacketSealer,
    place: number,
  ): void {
    const position = this.count
    this.push(offset, length, place)
    this.#headerLengths[position] = headerLength
    this.#extSeqs[position] = extSeq
    this.#sealers[position] = sealer
  }

  /** Has those encrypted that wait for it; returns how many of them may not be sent, whose length is -1 from then on. */
  seal(): number {
    const { buffer } = this.arena.memory
    const { count, offsets, lengths } = this
    const sealers = this.#sealers
    let refused = 0
    for (let i = this.#sealed; i < count; i++) {
      const sealer = sealers[i]
      if (sealer === undefined) continue
      sealers[i] = undefined
      const length = lengths[i] as number
      const headerLength = this.#headerLengths[i] as number
      if (sealer.seal(buffer, offsets[i] as number, headerLength, length, this.#extSeqs[i] as number)) continue
      this.bytes -= length
      lengths[i] = -1
      refused++
    }
    this.#sealed = count
    return refused
  }

  /** Makes room for `length` bytes behind what is queued: in a new arena, larger if that makes the next time come much later. */
  makeRoom(length: number): void {
    const old = this.arena.memory
    let size = old.length
    while (this.bytes + length > size / 2) size *= 2
    this.arena = allocateWordAddressed(this.#library, size)
    const to = this.arena.memory.buffer
    this.head = 0
    for (let i = 0; i < this.count; i++) {
      const from = this.offsets[i] as number
      const end = from + Math.max(0, this.lengths[i] as number)
      old.buffer.copy(to, this.head, from, end)
      this.offsets[i] = this.head
      this.head += end - from
    }
  }

  /** Forgets all of them, and gives back what a kernel that took nothing has made the arena grow to. */
  clear(): void {
    this.count = 0
    this.bytes = 0
    this.head = 0
    this.#sealed = 0
    if (this.arena.memory.length > this.#keepBytes) this.arena = allocateWordAddressed(this.#library, this.#keepBytes)
  }

  /** Keeps the datagrams at the first `count` of `positions`, all of them encrypted, and forgets the others. */
  retain(positions: Int32Array, count: number): void {
    this.offsets = picked(this.offsets, positions, count)
    this.lengths = picked(this.lengths, positions, count)
    this.places = picked(this.places, positions, count)
    this.count = count
    this.#sealed = count
    this.bytes = 0
    for (let i = 0; i < count; i++) this.bytes += this.lengths[i] as number
  }

  #growArrays(): void {
    const capacity = this.offsets.length * 2
    const grow = (old: Int32Array) => {
      const larger = new Int32Array(capacity)
      larger.set(old)
      return larger
    }
    this.offsets = grow(this.offsets)
    this.lengths = grow(this.lengths)
    this.places = grow(this.places)
    this.#headerLengths = grow(this.#headerLengths)
    const extSeqs = new Float64Array(capacity)
    extSeqs.set(this.#extSeqs)
    this.#extSeqs = extSeqs
    while (this.#sealers.length < capacity) this.#sealers.push(undefined)
  }
}

function picked(values: Int32Array, positions: Int32Array, count: number): Int32Array<ArrayBuffer> {
  const kept = new Int32Array(values.length)
  for (let i = 0; i < count; i++) kept[i] = values[positions[i] as number] as number
  return kept
}
