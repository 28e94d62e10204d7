/** Turns of an event loop that go on when the test says so. */
import type { SenderTurns } from '../../../../../src/transport/native/udp/native-datagram-sender.js'

/** See the top of the file. */
export class FakeTurns implements SenderTurns {
  readonly immediates = new Set<{ fn: () => void }>()
  readonly timers = new Set<{ fn: () => void }>()

  setImmediate(fn: () => void): unknown {
    return add(this.immediates, fn)
  }

  clearImmediate(handle: unknown): void {
    this.immediates.delete(handle as { fn: () => void })
  }

  setTimeout(fn: () => void): unknown {
    return add(this.timers, fn)
  }

  clearTimeout(handle: unknown): void {
    this.timers.delete(handle as { fn: () => void })
  }

  /** The turn ends. */
  end(): void {
    run(this.immediates)
  }

  /** Time passes. */
  pass(): void {
    run(this.timers)
  }
}

function add(waiting: Set<{ fn: () => void }>, fn: () => void): unknown {
  const handle = { fn }
  waiting.add(handle)
  return handle
}

function run(waiting: Set<{ fn: () => void }>): void {
  const due = [...waiting]
  waiting.clear()
  for (const { fn } of due) fn()
}
