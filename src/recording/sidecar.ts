/** A JSON file that is always whole: each version is written beside it and then takes its place. */
import { open, rename } from 'node:fs/promises'

/** Writes what it is told last, one version at a time. */
export class Sidecar {
  readonly #path: string
  readonly #content: () => unknown
  #writing: Promise<void> | undefined
  #isStale = false

  /** @param content what is to be in the file, asked when it is written. */
  constructor(path: string, content: () => unknown) {
    this.#path = path
    this.#content = content
  }

  /** Makes the file; rejects if there is one already. */
  async create(): Promise<void> {
    const handle = await open(this.#path, 'wx')
    try {
      await handle.writeFile(this.#text())
    } finally {
      await handle.close()
    }
  }

  /** The content has changed. Resolves when a version with it is there; rejects with why it could not be written. */
  async write(): Promise<void> {
    this.#isStale = true
    // Whoever writes at present may have taken up what is new, and not be through with it.
    while (this.#isStale || this.#writing !== undefined) {
      if (this.#writing !== undefined) await this.#writing
      else await this.#replace()
    }
  }

  async #replace(): Promise<void> {
    this.#isStale = false
    const writing = this.#swap()
    this.#writing = writing.catch(() => {})
    try {
      await writing
    } finally {
      this.#writing = undefined
    }
  }

  async #swap(): Promise<void> {
    const next = `${this.#path}.tmp`
    const handle = await open(next, 'w')
    try {
      await handle.writeFile(this.#text())
    } finally {
      await handle.close()
    }
    await rename(next, this.#path)
  }

  #text(): string {
    return `${JSON.stringify(this.#content(), undefined, 2)}\n`
  }
}
