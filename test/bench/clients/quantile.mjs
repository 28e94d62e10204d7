/**
 * The value below which that share of the values lies; undefined without values.
 *
 * @param {number[]} values
 * @param {number} share 0..1
 */
export function quantile(values, share) {
  if (values.length === 0) return undefined
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
