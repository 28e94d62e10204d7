/** The highest rate that a server sustains: found by short looks, confirmed by a long one. */

/** How near the search comes before it is confirmed. */
const CLOSE = 1.1
const STEP = 1.05
/** A look that fails may have been disturbed: it counts when the second fails too. */
const LOOKS = 2
const MAX_DOUBLINGS = 12

/**
 * `holds` measures at a rate, for a short or for a long time, and says whether the server sustained it. Resolves with the highest rate that it sustained
 * for a long time, within a step of 5 %; undefined if there is none.
 *
 * @param {object} options
 * @param {number} options.start a rate to begin with
 * @param {number} options.max never looked above
 * @param {number} [options.guess] found before: no short looks then
 * @param {(rate: number, isLong: boolean) => Promise<boolean>} options.holds
 * @returns {Promise<number | undefined>}
 */
export async function searchSaturation({ start, max, guess, holds }) {
  const look = async (rate, isLong) => {
    for (let i = 0; i < LOOKS; i++) if (await holds(rate, isLong)) return true
    return false
  }
  let rate = guess ?? (await searchShort(start, max, look))
  if (rate === undefined) return undefined
  if (await look(rate, true)) {
    for (;;) {
      const next = Math.floor(rate * STEP)
      // A short look first: most rates that are too high fail at once.
      if (next <= rate || next > max || !(await look(next, false)) || !(await look(next, true))) return rate
      rate = next
    }
  }
  while (rate > start / 4) {
    rate = Math.floor(rate / STEP)
    if (await look(rate, true)) return rate
  }
  return undefined
}

/** Doubles until it fails, then halves the distance, as a ratio. */
async function searchShort(start, max, look) {
  let low = start
  while (!(await look(low, false))) {
    low = Math.floor(low / 2)
    if (low < start / 16) return undefined
  }
  let high = low
  for (let i = 0; i < MAX_DOUBLINGS && high === low; i++) {
    const next = Math.min(max, low * 2)
    if (next === low) return low
    if (await look(next, false)) low = high = next
    else high = next
  }
  while (high / low > CLOSE) {
    const middle = Math.floor(Math.sqrt(low * high))
    if (await look(middle, false)) low = middle
    else high = middle
  }
  return low
}
