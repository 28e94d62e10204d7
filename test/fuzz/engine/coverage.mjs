/** Which branches of manycast have been reached: the other end of the probes of instrument.mjs. */
import { register } from 'node:module'

/** More probes than the whole of manycast has. */
const MAX_PROBES = 1 << 16

/** The branches of this thread. Make it before any module of manycast is loaded. */
export class Coverage {
  #seen = new Uint8Array(MAX_PROBES)
  /** Branches reached so far. */
  reached = 0

  constructor() {
    globalThis.__fuzz = {
      seen: this.#seen,
      hit: (n) => {
        this.#seen[n] = 1
        this.reached++
      },
    }
    register('./coverage-hooks.mjs', import.meta.url)
  }

  /** Nothing has been reached. */
  reset() {
    this.#seen.fill(0)
    this.reached = 0
  }
}
