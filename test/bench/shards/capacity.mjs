/** From the CPU that a server's threads took to what it carries when its cores are full. */

/**
 * @typedef {object} Window
 * @property {number} packetsPerSecond that viewers received
 * @property {number[]} shares what part of a core each thread of the server took, the greatest first
 */

/**
 * Packets per second at which so many cores are full: the busiest thread fills one of them, or all threads together fill them all, whichever comes first.
 *
 * @param {Window} window
 * @param {number} cores
 */
export function capacityOf({ packetsPerSecond, shares }, cores) {
  const total = shares.reduce((sum, share) => sum + share, 0)
  return packetsPerSecond / Math.max(shares[0] ?? 0, total / cores)
}

/** The median. @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
