/**
 * Where datagrams go, as the kernel wants it: each address has a numbered place with its `sockaddr`, which is written once and kept for as long as
 * it is sent to. Places of addresses that nothing goes to any more are given to others.
 */
import type { RemoteAddress } from '../../types.js'
import type { NativeLibrary } from '../koffi-library.js'
import { allocateWordAddressed, type WordAddressed } from './address-words.js'
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from './socket-address.js'

const FIRST_CAPACITY = 16
/** Beyond so many addresses at the same time, places change hands while they are in use; it is slower, no more. */
const MAX_CAPACITY = 16_384

/** See the top of the file. The arrays are by place. */
export class DestinationTable {
  block: WordAddressed
  /** Datagrams that wait for the kernel. */
  pending = new Int32Array(FIRST_CAPACITY)
  /** The index of the local socket. */
  sockets = new Uint16Array(FIRST_CAPACITY)
  /** The length of the `sockaddr`. */
  nameLengths = new Uint8Array(FIRST_CAPACITY)
  /** 1 where the kernel has refused to cut messages into datagrams. */
  unsegmented = new Uint8Array(FIRST_CAPACITY)
  /** The last sweep before which it was sent to. */
  #usedIn = new Uint32Array(FIRST_CAPACITY)
  #sweep = 1
  readonly #owners: (RemoteAddress | undefined)[] = []
  #free: number[] = []
  #capacity = FIRST_CAPACITY
  readonly #library: NativeLibrary
  readonly #socketCount: number

  /** @param socketCount how many local sockets there are. */
  constructor(library: NativeLibrary, socketCount: number) {
    this.#library = library
    this.#socketCount = socketCount
    this.block = allocateWordAddressed(library, FIRST_CAPACITY * SOCKET_ADDRESS_BYTES)
    this.#addFree(0)
  }

  /** How many places there are. */
  get capacity(): number {
    return this.#capacity
  }

  /** The place of `remote`, and notes that it is in use; -1 if it is no address of these sockets, or there is no place. */
  find(remote: RemoteAddress): number {
    let place = remote.place ?? -1
    if (place < 0 || this.#owners[place] !== remote) place = this.#take(remote)
    if (place >= 0) this.#usedIn[place] = this.#sweep
    return place
  }

  #take(remote: RemoteAddress): number {
    if (!(remote.socket >= 0 && remote.socket < this.#socketCount)) return -1
    if (this.#free.length === 0) this.#makeFree()
    const place = this.#free.pop()
    if (place === undefined) return -1
    const length = writeSocketAddress(this.block.memory.buffer, place * SOCKET_ADDRESS_BYTES, remote.ip, remote.port)
    if (length === 0) {
      this.#free.push(place)
      return -1
    }
    this.#owners[place] = remote
    this.sockets[place] = remote.socket
    this.nameLengths[place] = length
    this.unsegmented[place] = 0
    remote.place = place
    return place
  }

  #makeFree(): void {
    this.#freeWhere((place) => this.#usedIn[place] !== this.#sweep)
    this.#sweep++
    // Sweeps that find little come too often.
    if (this.#free.length * 2 < this.#capacity && this.#capacity < MAX_CAPACITY) this.#grow()
    if (this.#free.length === 0) this.#freeWhere(() => true)
  }

  #freeWhere(isFree: (place: number) => boolean): void {
    for (let place = 0; place < this.#capacity; place++) {
      if (this.#owners[place] === undefined || this.pending[place] !== 0 || !isFree(place)) continue
      this.#owners[place] = undefined
      this.#free.push(place)
    }
  }

  #grow(): void {
    const before = this.#capacity
    this.#capacity *= 2
    const { buffer } = this.block.memory
    this.block = allocateWordAddressed(this.#library, this.#capacity * SOCKET_ADDRESS_BYTES)
    buffer.copy(this.block.memory.buffer)
    this.pending = grown(this.pending, new Int32Array(this.#capacity))
    this.sockets = grown(this.sockets, new Uint16Array(this.#capacity))
    this.nameLengths = grown(this.nameLengths, new Uint8Array(this.#capacity))
    this.unsegmented = grown(this.unsegmented, new Uint8Array(this.#capacity))
    this.#usedIn = grown(this.#usedIn, new Uint32Array(this.#capacity))
    this.#addFree(before)
  }

  #addFree(from: number): void {
    for (let place = from; place < this.#capacity; place++) this.#owners.push(undefined)
    // The lowest place is taken first.
    for (let place = this.#capacity - 1; place >= from; place--) this.#free.push(place)
  }
}

function grown<T extends Int32Array | Uint32Array | Uint16Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old)
  return larger
}
