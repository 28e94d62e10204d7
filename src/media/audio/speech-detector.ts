/**
 * Whether somebody speaks, from how loud each window of time was. Speech is what stands out of the background: the floor follows the
 * quietest windows down at once and anything that lasts up slowly, so that a fan becomes background, and pauses between words keep
 * speech from doing so.
 */

/** The length of a window; whoever calls keeps to it. */
export const WINDOW_MS = 200

/** Louder than the background by so much is speech. */
const ABOVE_FLOOR_DB = 10
/** The floor stays between these, so that the faintest sounds never are speech, and the loudest always. */
const LEAST_FLOOR_DBOV = -70
const GREATEST_FLOOR_DBOV = -40
const FIRST_FLOOR_DBOV = -60
/** How fast the floor rises: 3 dB a second. */
const RISE_DB = 0.6
/** So many windows in a row begin speech: a click is none. */
const BEGINS_AFTER = 2
/** So many windows without speech end it: a breath does not. */
const ENDS_AFTER = 5
/** The part of a difference that the smoothed level takes over at once. */
const ATTACK = 0.5
const RELEASE = 0.1

/** Nothing quieter than this is ever speech. */
export const LEAST_SPEECH_DBOV = LEAST_FLOOR_DBOV + ABOVE_FLOOR_DB

/** Listens to one publisher. */
export class SpeechDetector {
  /** Somebody speaks, pauses of less than a second included. */
  speaking = false
  /** How loud it is, smoothed: it follows within half a second up, and within two seconds down. */
  levelDbov = LEAST_FLOOR_DBOV
  #floorDbov = FIRST_FLOOR_DBOV
  #loud = 0
  #quiet = 0
  /** Nothing is to be heard, so nothing is missed if it is not called until something is. */
  rests = true

  /** A window is over; `levelDbov` is its level, undefined if no packet came, as of a sender that sends none while it is silent. */
  observe(levelDbov: number | undefined): void {
    const isLoud = levelDbov !== undefined && levelDbov >= this.#floorDbov + ABOVE_FLOOR_DB
    if (levelDbov !== undefined) this.#moveFloor(levelDbov)
    this.#loud = isLoud ? this.#loud + 1 : 0
    this.#quiet = isLoud ? 0 : this.#quiet + 1
    if (this.#loud >= BEGINS_AFTER) this.speaking = true
    else if (this.#quiet >= ENDS_AFTER) this.speaking = false
    this.rests = !this.speaking && (levelDbov ?? LEAST_FLOOR_DBOV) < LEAST_SPEECH_DBOV
    const difference = Math.max(levelDbov ?? LEAST_FLOOR_DBOV, LEAST_FLOOR_DBOV) - this.levelDbov
    if (this.rests) this.levelDbov = LEAST_FLOOR_DBOV
    else this.levelDbov += difference * (difference > 0 ? ATTACK : RELEASE)
  }

  #moveFloor(levelDbov: number): void {
    const floor = levelDbov < this.#floorDbov ? levelDbov : this.#floorDbov + RISE_DB
    this.#floorDbov = Math.min(GREATEST_FLOOR_DBOV, Math.max(LEAST_FLOOR_DBOV, floor))
  }
}
