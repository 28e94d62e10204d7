/** Header extensions that we write on a viewer's packets by ourselves, where the viewer has negotiated them, because an option says so. */
import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import type { ExtensionWriter } from '../../rtp/extension-writer.js'
import type { StoredPacket } from '../types.js'
import { CaptureStamps } from './capture-stamps.js'
import { type EgressSection, sendsUnchanged } from './egress-section.js'
import { PLAYOUT_DELAY_LENGTH, type PlayoutDelay, playoutDelayNumber } from './playout-delay.js'
import type { SourceClock } from './source-clock.js'
import type { Stretch } from './stretch.js'

/** What is written on a viewer's packets beyond what the publisher sends. Plain values that cross threads. */
export interface ExtensionSettings {
  /** On video, in place of the publisher's; without, the publisher's is passed on. */
  readonly playoutDelay?: PlayoutDelay
  /** Where the publisher sends none; default false. */
  readonly absCaptureTime?: boolean
}

const NO_DELAY: PlayoutDelay = { minMs: 0, maxMs: 0 }

/** The extensions of one outgoing stream. */
export class OwnExtensions {
  readonly #playoutDelayId: number
  readonly #playoutDelay: number
  readonly #stamps: CaptureStamps | undefined

  private constructor(playoutDelayId: number, playoutDelay: PlayoutDelay, stamps: CaptureStamps | undefined) {
    this.#playoutDelayId = playoutDelayId
    this.#playoutDelay = playoutDelayNumber(playoutDelay)
    this.#stamps = stamps
  }

  /**
   * Those of that section; undefined if there are none.
   *
   * @param clock the clock that the stream's sender reports go by.
   */
  static create(
    section: EgressSection,
    settings: ExtensionSettings,
    clock: () => SourceClock,
  ): OwnExtensions | undefined {
    const idOf = (wanted: string): number => section.extensions.find(({ uri }) => uri === wanted)?.id ?? 0
    const { playoutDelay, absCaptureTime } = settings
    const delayId = section.kind === 'video' && playoutDelay !== undefined ? idOf(EXTENSION_URI.playoutDelay) : 0
    const captureId = absCaptureTime === true && !sendsUnchanged(section) ? idOf(EXTENSION_URI.absCaptureTime) : 0
    if (delayId === 0 && captureId === 0) return undefined
    const stamps = captureId === 0 ? undefined : new CaptureStamps(captureId, clock)
    return new OwnExtensions(delayId, playoutDelay ?? NO_DELAY, stamps)
  }

  /** The URIs of what is not passed on from the publisher. */
  get replaced(): readonly string[] {
    return this.#playoutDelayId === 0 ? [] : [EXTENSION_URI.playoutDelay]
  }

  /**
   * Adds to `writer`, which has everything else of `packet`, what the packet `extSeq` of `stretch` carries.
   *
   * @param newest whether no later packet has been sent; false for one that is sent again.
   */
  add(writer: ExtensionWriter, packet: StoredPacket, stretch: Stretch, extSeq: number, newest: boolean): void {
    // Receivers go by the first packet of a frame, keep to what they have read, and can show nothing before they have got a keyframe.
    if (this.#playoutDelayId !== 0 && packet.keyframe) {
      writer.addNumber(this.#playoutDelayId, this.#playoutDelay, PLAYOUT_DELAY_LENGTH)
    }
    this.#stamps?.add(writer, packet, stretch, extSeq, newest)
  }
}
