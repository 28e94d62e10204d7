/** Brings together what a shard hears of its publishers in one turn of the event loop, so that it crosses the thread as one message. */
import type { PeerSpeech } from './shard-api.js'

/** See the top of the file. */
export class SpeechBatch {
  #speech: PeerSpeech[] = []
  #flush: NodeJS.Immediate | undefined

  constructor(readonly send: (speech: readonly PeerSpeech[]) => void) {}

  /** Sends it along with what else comes in this turn. */
  add(speech: PeerSpeech): void {
    this.#speech.push(speech)
    this.#flush ??= setImmediate(() => {
      const sent = this.#speech
      this.#flush = undefined
      this.#speech = []
      this.send(sent)
    })
  }

  /** Sends nothing any more. */
  close(): void {
    if (this.#flush) clearImmediate(this.#flush)
    this.#speech = []
  }
}
