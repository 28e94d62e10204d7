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

/** Looks at the counters again and again. */
export class Liveness {
  #bytes = 0
  #answers = 0
  /** What never began cannot fall silent. */
  #silentLooks = SILENT_LOOKS
  /** Whether something has come since this was last set to false. */
  hasHeard = false

  /** Reads `report`; returns whether media have just fallen silent. */
  look(report: RTCStatsReport): boolean {
    let bytes = 0
    let answers = 0
    for (const entry of report.values()) {
      if (entry.type !== 'candidate-pair') continue
      // Of media and reports, without ICE's own: those are counted by the answers to our checks.
      bytes += entry.bytesReceived ?? 0
      answers += entry.responsesReceived ?? 0
    }
    const isSilent = bytes <= this.#bytes
    if (!isSilent || answers > this.#answers) this.hasHeard = true
    this.#bytes = bytes
    this.#answers = answers
    this.#silentLooks = isSilent ? this.#silentLooks + 1 : 0
    return this.#silentLooks === SILENT_LOOKS
  }
}
