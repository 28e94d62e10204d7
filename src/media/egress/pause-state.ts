/**
 * Whether the receiver of one of our streams has paused it (RFC 7728, sections 5.2 and 6). Requests may be lost, come again and overtake
 * each other; their PauseIDs tell which of them still count.
 */
import { seqDelta } from '../../rtp/sequence.js'

/** The state of one stream. */
export class PauseState {
  #paused: boolean
  /** Of the newest pause, over or not; -1 before the first. */
  #pauseId = -1

  constructor(paused: boolean) {
    this.#paused = paused
  }

  /** True if nothing is to be sent. */
  get paused(): boolean {
    return this.#paused
  }

  /** That of the pause which is in force; what refers to no pause of the receiver's has 0. */
  get pauseId(): number {
    return Math.max(0, this.#pauseId)
  }

  /** What the next PAUSE has to have. */
  get nextPauseId(): number {
    return (this.#pauseId + 1) & 0xffff
  }

  /** PAUSE has come: false if it is an old one, to be refused. One that was taken may come again. */
  receivePause(pauseId: number): boolean {
    if (this.#pauseId >= 0) {
      const ahead = seqDelta(pauseId, this.#pauseId)
      if (ahead < 0 || (ahead === 0 && !this.#paused)) return false
    }
    this.#pauseId = pauseId
    this.#paused = true
    return true
  }

  /** RESUME has come: false if it changes nothing. */
  receiveResume(pauseId: number): boolean {
    if (!this.#paused || (this.#pauseId >= 0 && seqDelta(pauseId, this.#pauseId) < 0)) return false
    this.#pauseId = pauseId
    this.#paused = false
    return true
  }
}
