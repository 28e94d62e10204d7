/** Work on many things that the media must not notice. */

/** So long the thread is kept at most, give or take a few things. */
const SLICE_MS = 0.5

/** How many things are done between two looks at the clock. */
const BATCH = 16

/** Calls `visit` with everything in `items`, a little at a time: between the slices, packets have their turn. */
export async function inSlices<Item>(
  items: Iterable<Item>,
  visit: (item: Item) => void,
  nowMs: () => number,
): Promise<void> {
  let endMs = nowMs() + SLICE_MS
  let count = 0
  for (const item of items) {
    visit(item)
    if (++count % BATCH !== 0 || nowMs() < endMs) continue
    await new Promise((resolve) => setImmediate(resolve))
    endMs = nowMs() + SLICE_MS
  }
}
