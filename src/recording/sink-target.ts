/** What is recorded: a `Broadcast`, or something like it. */
import type { LocalSink } from '../media/local-ends.js'

/** As much of a broadcast as a recording needs. */
export interface SinkTarget {
  /** What the files are named after. */
  readonly name?: string
  /** Hands over the publishers; resolves with the way to stop. */
  addSink(sink: LocalSink): Promise<() => void>
  /** Nothing comes any more; the recording ends, too. */
  on?(event: 'closed', listener: () => void): unknown
}
