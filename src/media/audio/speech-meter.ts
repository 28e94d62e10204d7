/**
 * Follows the audio levels of one publisher's packets, and tells when speech begins, how loud it is, and when it ends: at most once per
 * window, and not at all while nothing can be heard. A packet costs a table lookup.
 */
import { LEVEL_MASK, VOICE_BIT } from './audio-level.js'
import { LevelWindow } from './level-window.js'
import { LEAST_SPEECH_DBOV, SpeechDetector, WINDOW_MS } from './speech-detector.js'

/** What is told of a publisher. */
export interface SpeechReport {
  /** Somebody speaks; false once, when that has ended. */
  readonly speaking: boolean
  /** It was the other way round before. */
  readonly changed: boolean
  /** How loud it is, smoothed, in dBov. */
  readonly levelDbov: number
}

/** Listens to one publisher. */
export class SpeechMeter {
  /** When `tick` has something to do; infinity while nothing is heard. */
  dueMs = Number.POSITIVE_INFINITY
  readonly #window = new LevelWindow()
  readonly #detector = new SpeechDetector()
  /** The sender sets the bit at all, so that a packet without has no voice in it. */
  #usesVoiceBit = false

  /** A packet has come with that octet (RFC 6464, section 3). */
  add(octet: number, nowMs: number): void {
    const hasVoice = (octet & VOICE_BIT) !== 0
    if (hasVoice) this.#usesVoiceBit = true
    const level = hasVoice || !this.#usesVoiceBit ? octet & LEVEL_MASK : LEVEL_MASK
    if (this.dueMs === Number.POSITIVE_INFINITY) {
      if (-level < LEAST_SPEECH_DBOV) return
      this.dueMs = endOfWindow(nowMs)
    }
    this.#window.add(level)
  }

  /** Ends the window that is over, if one is; returns what there is to tell of it. */
  tick(nowMs: number): SpeechReport | undefined {
    if (nowMs < this.dueMs) return undefined
    const detector = this.#detector
    const before = detector.speaking
    detector.observe(this.#window.take())
    const { speaking, levelDbov } = detector
    this.dueMs = detector.rests ? Number.POSITIVE_INFINITY : endOfWindow(nowMs)
    const changed = speaking !== before
    return speaking || changed ? { speaking, changed, levelDbov } : undefined
  }
}

/** Windows of all publishers end together, so that what is told of them can go in one message. */
function endOfWindow(nowMs: number): number {
  return (Math.floor(nowMs / WINDOW_MS) + 1) * WINDOW_MS
}
