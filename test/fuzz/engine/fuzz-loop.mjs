/** Feeds one target: what reaches new code is kept and mutated further. */

/** The longest that one input may take. */
export const MAX_INPUT_MS = 100
/** How often one that took longer is run again. */
const RETRIES = 5
/** Between two looks at the clock and at who is waiting. */
const BATCH = 64

/** See the top of the file. */
export class FuzzLoop {
  inputs = 0
  slowestMs = 0
  /** What reached code that nothing before it had reached, in the order in which it was found. */
  corpus = []
  #target
  #random
  #coverage
  #watch
  #onFinding

  /**
   * @param {object} parts
   * @param parts.target see targets/index.mjs.
   * @param parts.random a SeededRandom: the same seed and corpus give the same inputs.
   * @param [parts.coverage] undefined where no guidance is wanted.
   * @param [parts.watch] is told each input before it is run.
   * @param parts.onFinding is told inputs that broke an oracle.
   */
  constructor({ target, random, coverage, watch, onFinding }) {
    this.#target = target
    this.#random = random
    this.#coverage = coverage
    this.#watch = watch
    this.#onFinding = onFinding
  }

  /** Runs the inputs that are there; those that reach nothing new are left out of the corpus. */
  async begin(inputs) {
    for (const input of inputs) await this.#try(input)
    if (this.corpus.length === 0) this.corpus.push(...inputs)
  }

  /** Runs mutations until `enough(inputs)` says so; it is asked now and then. */
  async run(enough) {
    const { mutate, maxLength } = this.#target
    const random = this.#random
    while (!enough(this.inputs)) {
      for (let i = 0; i < BATCH; i++) {
        const newest = random.chance(0.3) ? Math.max(0, this.corpus.length - 8) : 0
        const parent = this.corpus[random.integer(newest, this.corpus.length - 1)]
        await this.#try(mutate(random, parent, this.corpus, maxLength))
      }
      // Lets promises and timers of the target run that it did not wait for.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The corpus without inputs that others make superfluous, shortest first. */
  async minimized() {
    this.#coverage.reset()
    const kept = []
    for (const input of this.corpus.toSorted((a, b) => a.length - b.length)) {
      const before = this.#coverage.reached
      await this.#target.run(Buffer.from(input))
      if (this.#coverage.reached > before) kept.push(input)
    }
    return kept
  }

  async #try(input) {
    this.inputs++
    this.#watch?.(input)
    const before = this.#coverage?.reached
    const ms = await this.#timed(input)
    if (this.#coverage && this.#coverage.reached > before) this.corpus.push(Buffer.from(input))
    if (ms <= MAX_INPUT_MS) return
    // The machine may have had something else to do; an input that is slow is slow every time, and keeps the processor busy.
    let leastMs = ms
    for (let i = 0; i < RETRIES && leastMs > MAX_INPUT_MS; i++) {
      const before = process.cpuUsage()
      const againMs = await this.#timed(input)
      const { user, system } = process.cpuUsage(before)
      leastMs = Math.min(leastMs, againMs, (user + system) / 1000)
    }
    this.slowestMs = Math.max(this.slowestMs, leastMs)
    if (leastMs > MAX_INPUT_MS)
      this.#onFinding(input, new Error(`it took ${leastMs.toFixed(0)} ms, ${1 + RETRIES} times`))
  }

  async #timed(input) {
    const start = performance.now()
    try {
      // A copy: targets may decrypt or rewrite in place.
      const pending = this.#target.run(Buffer.from(input))
      if (pending !== undefined) await pending
    } catch (error) {
      this.#onFinding(input, error)
    }
    const ms = performance.now() - start
    if (ms <= MAX_INPUT_MS && ms > this.slowestMs) this.slowestMs = ms
    return ms
  }
}
