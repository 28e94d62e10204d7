/** The newest samples of some figures, in memory that does not grow. */

/** Times and figures; a figure that is not known is NaN inside and null outside. */
export class SampleRing<Field extends string> {
  readonly #fields: readonly Field[]
  readonly #times: Float64Array
  readonly #values: Float64Array
  /** How many there have been, those included that are overwritten. */
  #count = 0

  constructor(fields: readonly Field[], capacity: number) {
    this.#fields = fields
    this.#times = new Float64Array(capacity)
    this.#values = new Float64Array(capacity * fields.length)
  }

  /** Adds a sample in place of the oldest; `atMs` is later than that of the one before. */
  push(atMs: number, figures: Partial<Readonly<Record<Field, number | undefined>>>): void {
    const slot = this.#count++ % this.#times.length
    this.#times[slot] = atMs
    const start = slot * this.#fields.length
    this.#fields.forEach((field, i) => {
      this.#values[start + i] = figures[field] ?? Number.NaN
    })
  }

  /** Rows of the time and the figures in the order of the fields, oldest first, of what is later than `sinceMs`. Figures have four digits that count. */
  rows(sinceMs = Number.NEGATIVE_INFINITY): (number | null)[][] {
    const capacity = this.#times.length
    const rows: (number | null)[][] = []
    for (let index = Math.max(0, this.#count - capacity); index < this.#count; index++) {
      const slot = index % capacity
      const atMs = this.#times[slot] as number
      if (atMs <= sinceMs) continue
      const start = slot * this.#fields.length
      const row: (number | null)[] = [Math.round(atMs)]
      for (let i = 0; i < this.#fields.length; i++) row.push(shortened(this.#values[start + i] as number))
      rows.push(row)
    }
    return rows
  }
}

function shortened(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null
}
