/**
 * Whether anything still comes from the server, by the statistics of ICE.
 *
 * Browsers notice a server that is gone after five to eight seconds. A stream that falls silent is a hint two seconds after the fact, which the
 * server can be asked about.
 */

/** How often to look; timers of hidden pages do not run more often either. */
export const LOOK_MS = 1000
/** So many looks without anything new are silence. */
const SILENT_LOOKS = 2
/** Silence that was told is told again only after so many looks: a publisher may pause often, or for hours. */
const REST_LOOKS = 30

/** Looks at the counters again and again. */
export class Liveness {
  #bytes = 0
  #answers = 0
  #silentLooks = 0
  #restLooks = 0
  #flows = false
  /** Whether something has come since this was last set to false. */
  hasHeard = false

  /** Reads `report`; returns whether media have just fallen silent. */
  look(report: RTCStatsReport): boolean {
    let [bytes, answers] = [0, 0]
    for (const entry of report.values()) {
      if (entry.type !== 'candidate-pair') continue
      // Of media and reports, without ICE's own: those are counted by the answers to our checks.
      bytes += entry.bytesReceived ?? 0
      answers += entry.responsesReceived ?? 0
    }
    const gotBytes = bytes > this.#bytes
    if (gotBytes || answers > this.#answers) this.hasHeard = true
    this.#bytes = bytes
    this.#answers = answers
    this.#restLooks--
    this.#silentLooks++
    if (gotBytes) {
      this.#flows = true
      this.#silentLooks = 0
    }
    if (!this.#flows || this.#silentLooks < SILENT_LOOKS || this.#restLooks > 0) return false
    this.#flows = false
    this.#restLooks = REST_LOOKS
    return true
  }
}
