/** Ends a turn of the event loop for a shard's layers: what has come in it is handed to the viewers together, and then to the kernel. */
import type { FanOutQueue, WaitingPackets } from '../media/fan-out.js'
import { createLog } from '../util/log.js'

const log = createLog('shard')

/** See the top of the file. The end of a turn is its check phase, which comes right behind what the network has brought: no timer delays anything. */
export class TurnFanOut implements FanOutQueue {
  readonly nowMs: () => number
  readonly #onEnd: () => void
  /** What waits, and the empty one that takes its place meanwhile: no array per turn. */
  #waiting: WaitingPackets[] = []
  #spare: WaitingPackets[] = []
  readonly #first: WaitingPackets[] = []
  #immediate: NodeJS.Immediate | undefined
  readonly #end = (): void => {
    this.#immediate = undefined
    const nowMs = this.nowMs()
    for (const packets of this.#first) packets.flush(nowMs)
    this.#first.length = 0
    const waiting = this.#waiting
    this.#waiting = this.#spare
    this.#spare = waiting
    for (const packets of waiting) {
      try {
        packets.flush(nowMs)
      } catch (error) {
        // A defect of ours; the other layers go on.
        log('the end of a turn threw: %O', error)
      }
    }
    waiting.length = 0
    this.#onEnd()
  }

  /**
   * @param nowMs the time.
   * @param onEnd everything has been handed over: it is to be sent now.
   */
  constructor(nowMs: () => number, onEnd: () => void) {
    this.nowMs = nowMs
    this.#onEnd = onEnd
  }

  add(waiting: WaitingPackets): void {
    this.#waiting.push(waiting)
    this.#immediate ??= setImmediate(this.#end)
  }

  /** The same for what others go on with in their own threads: before the viewers of this one. Must not throw. */
  addFirst(waiting: WaitingPackets): void {
    this.#first.push(waiting)
    this.#immediate ??= setImmediate(this.#end)
  }

  /** Nothing is handed over any more. */
  close(): void {
    if (this.#immediate) clearImmediate(this.#immediate)
    this.#immediate = undefined
    this.#waiting.length = 0
    this.#first.length = 0
  }
}
