/**
 * Who of several speakers is the one to look at. The first who speaks is, until falling silent or until somebody else has been clearly
 * louder for a while; so a short word in between, or two who are equally loud, change nothing.
 */

/** What "clearly louder" is, and for how long. Levels are smoothed already. */
const LOUDER_BY_DB = 6
const LOUDER_FOR_MS = 600

interface Speaker {
  levelDbov: number
  /** Since when it is clearly louder than the dominant one; NaN while it is not. */
  louderSinceMs: number
}

/** The speakers of one broadcast. */
export class DominantSpeaker {
  readonly #speakers = new Map<string, Speaker>()
  #current: string | undefined

  /** Who it is; undefined while nobody speaks. */
  get current(): string | undefined {
    return this.#current
  }

  /** Somebody speaks, so loud; to be called about five times a second for each while there are several. */
  speaks(id: string, levelDbov: number, nowMs: number): void {
    const speaker = this.#speakers.get(id)
    if (speaker) speaker.levelDbov = levelDbov
    else this.#speakers.set(id, { levelDbov, louderSinceMs: Number.NaN })
    if (this.#current === undefined) this.#elect(id)
    else this.#compare(id, nowMs)
  }

  /** Somebody has stopped to speak, or has gone. */
  stops(id: string): void {
    if (this.#speakers.delete(id) && id === this.#current) this.#elect(this.#loudest())
  }

  #compare(reported: string, nowMs: number): void {
    const current = this.#speakers.get(this.#current as string) as Speaker
    let winner: string | undefined
    for (const [id, speaker] of this.#speakers) {
      if (speaker.levelDbov < current.levelDbov + LOUDER_BY_DB) speaker.louderSinceMs = Number.NaN
      else if (Number.isNaN(speaker.louderSinceMs)) speaker.louderSinceMs = nowMs
      if (!(nowMs - speaker.louderSinceMs >= LOUDER_FOR_MS)) continue
      if (winner === undefined || speaker.levelDbov > (this.#speakers.get(winner) as Speaker).levelDbov) winner = id
    }
    // How loud the others are is not known to be so any more, before they have been reported on again.
    if (winner === reported) this.#elect(winner)
  }

  #elect(id: string | undefined): void {
    this.#current = id
    for (const speaker of this.#speakers.values()) speaker.louderSinceMs = Number.NaN
  }

  #loudest(): string | undefined {
    let loudest: string | undefined
    let levelDbov = Number.NEGATIVE_INFINITY
    for (const [id, speaker] of this.#speakers) {
      if (speaker.levelDbov <= levelDbov) continue
      loudest = id
      levelDbov = speaker.levelDbov
    }
    return loudest
  }
}
