/** What happens when, by the million: a binary heap of plain values. */

interface Entry<T> {
  readonly atMs: number
  readonly order: number
  readonly value: T
}

/** Values by time; those of the same time in the order in which they came. */
export class EventQueue<T> {
  readonly #heap: Entry<T>[] = []
  #order = 0

  push(atMs: number, value: T): void {
    const heap = this.#heap
    const entry = { atMs, order: this.#order++, value }
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Entry<T>
      if (!isBefore(entry, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  /** The earliest one, if there is any. */
  pop(): { readonly atMs: number; readonly value: T } | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry<T>, heap[child] as Entry<T>)) child++
      if (!isBefore(heap[child] as Entry<T>, last)) break
      heap[index] = heap[child] as Entry<T>
      index = child
    }
    heap[index] = last
    return first
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
