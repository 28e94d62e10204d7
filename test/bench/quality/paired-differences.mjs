/** The difference between two ways that were measured in turns: the median of the differences within the rounds, and how sure it is. */
import { quantile } from '../clients/quantile.mjs'

/** How likely it may be that the true median is on one given side of the interval. */
const MAX_MISS = 0.025

/**
 * @typedef {object} PairedDifference
 * @property {number} rounds
 * @property {number | undefined} median
 * @property {number} low the true median is not below that, with 97.5 % certainty; -Infinity where the rounds are too few to say
 * @property {number} high nor above that, with the same
 */

/**
 * Of `ones[i] - others[i]`. The interval is that of the sign test: it takes nothing for granted about how the values are distributed, a few wild
 * rounds do not move it, and what both of a round have in common is not in it.
 *
 * @param {number[]} ones
 * @param {number[]} others
 * @returns {PairedDifference}
 */
export function pairedDifference(ones, others) {
  const sorted = ones.map((value, i) => value - others[i]).sort((a, b) => a - b)
  const { length } = sorted
  const middle = length >> 1
  const left = leftOut(length)
  return {
    rounds: length,
    median: length % 2 === 0 && length > 0 ? (sorted[middle - 1] + sorted[middle]) / 2 : quantile(sorted, 0.5),
    low: left < 0 ? Number.NEGATIVE_INFINITY : sorted[left],
    high: left < 0 ? Number.POSITIVE_INFINITY : sorted[length - 1 - left],
  }
}

/** How many values may be left out at each end; -1 if not even none. Each is on either side of the true median with the same chance. */
function leftOut(rounds) {
  let ways = 1
  let chance = 0.5 ** rounds
  let count = -1
  while (count < rounds && chance <= MAX_MISS) {
    count++
    ways = (ways * (rounds - count)) / (count + 1)
    chance += ways * 0.5 ** rounds
  }
  return count
}
