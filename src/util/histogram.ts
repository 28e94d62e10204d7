/** Observations counted in buckets, as metrics want them. */

/** Snapshot of a {@link Histogram}. */
export interface HistogramCounts {
  /** The upper bounds of the buckets, inclusive, ascending; one more bucket has no bound. */
  readonly bounds: readonly number[]
  /** How many observations are in each bucket, the one without a bound last. Not cumulative. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Counts observations by size. */
export class Histogram {
  readonly #counts: number[]
  #sum = 0

  constructor(readonly bounds: readonly number[]) {
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  /** Counts one. */
  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound)
    const bucket = at < 0 ? this.bounds.length : at
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  /** What has been counted so far. */
  snapshot(): HistogramCounts {
    return { bounds: this.bounds, counts: [...this.#counts], sum: this.#sum }
  }
}
