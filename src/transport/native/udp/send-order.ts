/** Brings what is queued into an order in which the datagrams of one socket, and of those the ones for one address, lie together. */
import type { DestinationTable } from './destination-table.js'
import type { SendQueue } from './send-queue.js'

/** The order among the datagrams for one address stays: a counting sort, over places in the order in which they come up. */
export class SendOrder {
  #asQueued = new Int32Array(0)
  #sorted = new Int32Array(0)
  #starts = new Int32Array(0)

  /** The positions as they are. What is returned is good until the next call. */
  asQueued(queue: SendQueue): Int32Array {
    const { length } = queue.offsets
    if (this.#asQueued.length < length) this.#asQueued = new Int32Array(length).map((_, position) => position)
    return this.#asQueued
  }

  /** The positions, grouped. What is returned is good until the next call. */
  grouped(queue: SendQueue, table: DestinationTable, socketCount: number): Int32Array {
    const { count, places } = queue
    const { pending, sockets } = table
    if (this.#sorted.length < count) this.#sorted = new Int32Array(places.length)
    if (this.#starts.length < table.capacity) this.#starts = new Int32Array(table.capacity)
    const sorted = this.#sorted
    const starts = this.#starts
    for (let i = 0; i < count; i++) starts[places[i] as number] = -1
    let next = 0
    for (let socket = 0; socket < socketCount && next < count; socket++) {
      for (let i = 0; i < count; i++) {
        const place = places[i] as number
        if ((starts[place] as number) >= 0 || sockets[place] !== socket) continue
        starts[place] = next
        next += pending[place] as number
      }
    }
    for (let i = 0; i < count; i++) {
      const place = places[i] as number
      const position = starts[place] as number
      sorted[position] = i
      starts[place] = position + 1
    }
    return sorted
  }
}
