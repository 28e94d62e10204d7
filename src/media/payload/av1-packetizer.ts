/** AV1 temporal units as RTP payloads (RTP Payload Format For AV1, v1.0, sections 4 and 5). */
import { leb128Size, writeLeb128 } from '../codecs/leb128.js'
import { type Av1Obu, av1Obus } from './av1-temporal-unit.js'
import type { Packetizer } from './types.js'

const TEMPORAL_DELIMITER = 2
const TILE_LIST = 8
const PADDING = 15

/** The aggregation header, and its flags. */
const HEADER_LENGTH = 1
const CONTINUES = 0x80
const TO_BE_CONTINUED = 0x40
const STARTS_SEQUENCE = 0x08

/** With W the last element needs no length, and W counts so far. */
const MAX_ELEMENTS = 3
/** An OBU is not begun for less than so many of its bytes: header, extension, and a bit of what they are about. */
const MIN_BEGINNING = 8

/** An OBU without size, or a part of one. */
interface Element {
  readonly header: readonly number[]
  readonly data: Uint8Array
}

/**
 * OBUs share a payload as long as there is room and none of them belongs to another layer, and go on in the next one. Temporal delimiters,
 * tile lists and padding are left out. The first payload of a keyframe says that it begins a coded video sequence.
 */
export class Av1Packetizer implements Packetizer {
  packetize(frame: Uint8Array, keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[] {
    if (maxPayloadBytes <= HEADER_LENGTH) return []
    const packing = new Packing(maxPayloadBytes, keyframe)
    for (const obu of av1Obus(frame)) if (isSent(obu)) packing.add(obu)
    return packing.finish()
  }
}

function isSent({ type }: Av1Obu): boolean {
  return type !== TEMPORAL_DELIMITER && type !== TILE_LIST && type !== PADDING
}

/** The payloads of one temporal unit, being written. */
class Packing {
  readonly #payloads: Uint8Array[] = []
  readonly #maxBytes: number
  readonly #keyframe: boolean
  /** Of the payload that comes next. */
  #elements: Element[] = []
  #length = HEADER_LENGTH
  #layer: number | undefined
  #continues = false

  constructor(maxBytes: number, keyframe: boolean) {
    this.#maxBytes = maxBytes
    this.#keyframe = keyframe
  }

  add({ header, data, layer }: Av1Obu): void {
    const otherLayer = layer !== undefined && this.#layer !== undefined && layer !== this.#layer
    if (otherLayer || this.#elements.length === MAX_ELEMENTS) this.#flush(false)
    let rest: Element = { header, data }
    if (this.#room() < Math.min(MIN_BEGINNING, lengthOf(rest))) this.#flush(false)
    while (lengthOf(rest) > this.#room()) {
      const [beginning, remainder] = split(rest, this.#room())
      this.#push(beginning)
      this.#layer = layer
      this.#flush(true)
      rest = remainder
    }
    this.#push(rest)
    this.#layer = layer ?? this.#layer
  }

  finish(): readonly Uint8Array[] {
    this.#flush(false)
    return this.#payloads
  }

  /** What is left for another element, behind which the one before needs its length. */
  #room(): number {
    const last = this.#elements.at(-1)
    return this.#maxBytes - this.#length - (last === undefined ? 0 : leb128Size(lengthOf(last)))
  }

  #push(element: Element): void {
    const last = this.#elements.at(-1)
    if (last !== undefined) this.#length += leb128Size(lengthOf(last))
    this.#elements.push(element)
    this.#length += lengthOf(element)
  }

  #flush(toBeContinued: boolean): void {
    const count = this.#elements.length
    if (count > 0) {
      const payload = new Uint8Array(this.#length)
      const startsSequence = this.#keyframe && this.#payloads.length === 0
      payload[0] =
        (this.#continues ? CONTINUES : 0) |
        (toBeContinued ? TO_BE_CONTINUED : 0) |
        (count << 4) |
        (startsSequence ? STARTS_SEQUENCE : 0)
      this.#write(payload)
      this.#payloads.push(payload)
    }
    this.#elements = []
    this.#length = HEADER_LENGTH
    this.#layer = undefined
    this.#continues = toBeContinued
  }

  #write(payload: Uint8Array): void {
    let at = HEADER_LENGTH
    for (const [i, element] of this.#elements.entries()) {
      if (i < this.#elements.length - 1) at = writeLeb128(payload, at, lengthOf(element))
      payload.set(element.header, at)
      payload.set(element.data, at + element.header.length)
      at += lengthOf(element)
    }
  }
}

function lengthOf({ header, data }: Element): number {
  return header.length + data.length
}

/** The first `length` bytes of an element, and the others. */
function split({ header, data }: Element, length: number): [Element, Element] {
  const ofData = Math.max(0, length - header.length)
  return [
    { header: header.slice(0, length), data: data.subarray(0, ofData) },
    { header: header.slice(length), data: data.subarray(ofData) },
  ]
}
