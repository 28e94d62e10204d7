/** The addresses that peers own, found per datagram without building a key: by socket and port, then by comparing the address. */
import type { AddressEntry } from './mux-peer.js'

/** One map from port to a chain of entries per local socket. */
export class AddressTable {
  readonly #byPort: readonly Map<number, AddressEntry>[]
  #size = 0

  /** @param sockets how many local sockets there are. */
  constructor(sockets: number) {
    this.#byPort = Array.from({ length: sockets }, () => new Map())
  }

  /** How many addresses are owned. */
  get size(): number {
    return this.#size
  }

  /** The entry of that address, if somebody owns it. */
  find(socket: number, ip: string, port: number): AddressEntry | undefined {
    let entry = this.#byPort[socket]?.get(port)
    while (entry !== undefined && entry.ip !== ip) entry = entry.next
    return entry
  }

  /** Puts in an entry whose address is not there yet. */
  add(entry: AddressEntry): void {
    const map = this.#byPort[entry.socket] as Map<number, AddressEntry>
    entry.next = map.get(entry.port)
    map.set(entry.port, entry)
    this.#size++
  }

  /** Takes an entry out; harmless if it is not there. */
  remove(entry: AddressEntry): void {
    const map = this.#byPort[entry.socket] as Map<number, AddressEntry>
    let before: AddressEntry | undefined
    let found = map.get(entry.port)
    while (found !== undefined && found !== entry) {
      before = found
      found = found.next
    }
    if (found === undefined) return
    if (before !== undefined) before.next = entry.next
    else if (entry.next !== undefined) map.set(entry.port, entry.next)
    else map.delete(entry.port)
    entry.next = undefined
    this.#size--
  }
}
