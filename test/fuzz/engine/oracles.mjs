/** What targets hold against the code that they call. */

/** An oracle that did not hold. */
export class Violation extends Error {}

/** Throws unless it holds. */
export function must(holds, what) {
  if (!holds) throw new Violation(what)
}

const BEFORE = 5
const BEHIND = 64
const arenas = [0x00, 0xff].map((fill) => ({ fill, bytes: Buffer.alloc(1 << 17, fill) }))

/**
 * Reads `input` twice, in the midst of zeros and of ones: what is read must be the same, or something outside of the input was read.
 *
 * @param {(buffer: Buffer, start: number, end: number, note: (...values: unknown[]) => void) => void} read notes what it has read.
 */
export function readInTwoPlaces(input, read) {
  const notes = arenas.map(({ fill, bytes }, index) => {
    const start = BEFORE + 8 * index
    const end = start + input.length
    bytes.fill(fill, 0, end + BEHIND)
    input.copy(bytes, start)
    const noted = []
    read(bytes, start, end, (...values) => noted.push(...values))
    return noted
  })
  const [first, second] = notes
  must(first.length === second.length, `what was read depends on bytes outside of the input: ${first} / ${second}`)
  for (let i = 0; i < first.length; i++) {
    if (!Object.is(first[i], second[i]))
      must(false, `value ${i} depends on bytes outside of the input: ${first} / ${second}`)
  }
}

/** What `run` returns; undefined if it throws a BroadcastError with one of these codes. Anything else it throws is passed on. */
export function orRefusal(run, codes) {
  try {
    return run()
  } catch (error) {
    if (error?.name === 'BroadcastError' && codes.includes(error.code)) return undefined
    throw error
  }
}
