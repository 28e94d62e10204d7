/** The way to the directory, and whether it can be reached. */
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'
import type { Directory } from './types.js'

const log = createLog('cluster')

/** Asks the directory, and notices when it goes away and comes back. */
export class DirectoryLink {
  readonly #directory: Directory
  readonly #onChange: (reachable: boolean) => void
  #reachable = true

  constructor(directory: Directory, onChange: (reachable: boolean) => void) {
    this.#directory = directory
    this.#onChange = onChange
  }

  /** Whether the last question was answered. */
  get reachable(): boolean {
    return this.#reachable
  }

  /** The answer of `question`. Rejects with `directory-unavailable`, or with what the directory refuses the question for. */
  async ask<Answer>(question: (directory: Directory) => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await question(this.#directory)
      this.#set(true)
      return answer
    } catch (cause) {
      // What it refuses is a matter of the question.
      if (cause instanceof BroadcastError && cause.code !== 'directory-unavailable') throw cause
      this.#set(false)
      if (cause instanceof BroadcastError) throw cause
      log('directory failed: %O', cause)
      throw new BroadcastError('directory-unavailable', 'the directory of the cluster failed', { cause })
    }
  }

  /** The same for what is done again anyway: false if it could not be asked. */
  async tell(message: (directory: Directory) => Promise<void>): Promise<boolean> {
    try {
      await this.ask(message)
      return true
    } catch {
      return false
    }
  }

  #set(reachable: boolean): void {
    if (reachable === this.#reachable) return
    this.#reachable = reachable
    log('directory is %s', reachable ? 'back' : 'away')
    this.#onChange(reachable)
  }
}
