/** Who speaks in which broadcast: the reports of all shards, brought together. */
import { DominantSpeaker } from '../media/audio/dominant-speaker.js'
import type { ActiveSpeakerEvent } from './types.js'

/** The speakers of all broadcasts of an engine. */
export class ActiveSpeakers {
  readonly #broadcasts = new Map<string, DominantSpeaker>()

  constructor(readonly onChange: (event: ActiveSpeakerEvent) => void) {}

  /** A publisher speaks, so loud. */
  speaks(broadcastId: string, peerId: string, levelDbov: number, nowMs: number): void {
    const dominant = this.#broadcasts.get(broadcastId) ?? new DominantSpeaker()
    this.#broadcasts.set(broadcastId, dominant)
    this.#change(broadcastId, dominant, () => dominant.speaks(peerId, levelDbov, nowMs))
  }

  /** A publisher has fallen silent, or has gone. Harmless for one that never spoke. */
  stops(broadcastId: string, peerId: string): void {
    const dominant = this.#broadcasts.get(broadcastId)
    if (!dominant) return
    this.#change(broadcastId, dominant, () => dominant.stops(peerId))
    if (dominant.current === undefined) this.#broadcasts.delete(broadcastId)
  }

  #change(broadcastId: string, dominant: DominantSpeaker, apply: () => void): void {
    const before = dominant.current
    apply()
    if (dominant.current !== before) this.onChange({ broadcastId, peerId: dominant.current })
  }
}
