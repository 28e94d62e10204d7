/**
 * Pauses a layer at its sender while nobody takes it, and resumes it as soon as somebody does (RFC 7728): between servers, what nobody watches
 * is not sent. Requests are repeated until packets show that they have arrived, so the sender's PAUSED tells nothing new and is not waited for.
 *
 * While it is paused, a layer is what it was when it was paused: somebody may want it because of what it is.
 */
import { PAUSE_TYPE } from '../../rtp/rtcp/pause.js'
import type { ForwardedLayer } from '../forwarded-layer.js'
import type { IngestStream } from './ingest-stream.js'

/** How often an unused layer is looked at: whether it comes at all, and whether its sender has heard that it is to pause. */
const CHECK_MS = 500
/** RESUME is repeated after so long without a packet, and then after twice as long each time. */
const FIRST_REPEAT_MS = 100
const MAX_REPEAT_MS = 1000
/** What does not come within this time is not there any more: it is asked for seldom then, for the case that it comes back. */
const GIVE_UP_MS = 5000
const SELDOM_MS = 5000
/** A layer that begins does so with more than it takes afterwards. */
const SETTLED_MS = 1500
/** A sender that has refused is asked again after this. */
const REFUSED_MS = 60_000

/** Asks the sender of a stream. */
export type SendPauseRequest = (
  type: typeof PAUSE_TYPE.pause | typeof PAUSE_TYPE.resume,
  ssrc: number,
  pauseId: number,
) => void

/** Of an `IngestLayer`, what it looks at. */
export interface PausableLayer {
  readonly layer: Pick<ForwardedLayer, 'sinkCount' | 'info' | 'holdInfo'>
  readonly stream: Pick<IngestStream, 'ssrc' | 'lastPacketMs'> | undefined
}

/** The pauses of one layer. */
export class LayerPause {
  /** Requests sent, repetitions included. */
  pausesSent = 0
  resumesSent = 0
  readonly #target: PausableLayer
  readonly #afterMs: number
  readonly #send: SendPauseRequest
  #state: 'flowing' | 'paused' | 'resuming' = 'flowing'
  /** The stream that the PauseIDs belong to. */
  #ssrc: number | undefined
  #pauseId = 0
  /** Since when it has come without being taken; NaN while it does not. */
  #unusedSinceMs = Number.NaN
  #refusedUntilMs = Number.NEGATIVE_INFINITY
  /** When the newest request was sent, and when the layer was resumed. */
  #sentMs = 0
  #resumedMs = 0
  #repeatMs = FIRST_REPEAT_MS
  #wasTaken = false
  #gaveUp = false

  /** @param afterMs how long nobody takes the layer before it is paused. */
  constructor(target: PausableLayer, afterMs: number, send: SendPauseRequest) {
    this.#target = target
    this.#afterMs = afterMs
    this.#send = send
  }

  /** True from the pause until packets come again, or are given up. */
  get paused(): boolean {
    return this.#state !== 'flowing' && !this.#gaveUp
  }

  /** Does what is due; returns when it wants to be called next. To be called at once when the layer is taken or left. */
  tick(nowMs: number): number {
    const { stream } = this.#target
    if (stream === undefined) return Number.POSITIVE_INFINITY
    if (stream.ssrc !== this.#ssrc) this.#begin(stream.ssrc)
    const isTaken = this.#target.layer.sinkCount > 0
    const isNew = isTaken && !this.#wasTaken
    this.#wasTaken = isTaken
    if (this.#state === 'flowing') return isTaken ? this.#use() : this.#watch(nowMs)
    if (this.#state === 'paused') return isTaken ? this.#resume(nowMs) : this.#insist(stream.lastPacketMs, nowMs)
    return isNew && this.#gaveUp ? this.#resume(nowMs) : this.#awaitPackets(stream.lastPacketMs, nowMs)
  }

  /** The sender has not paused the stream `ssrc`; `pauseId` is what a request would have to have. */
  refused(ssrc: number, pauseId: number, nowMs: number): void {
    if (ssrc !== this.#ssrc || this.#state !== 'paused') return
    // Behind in counting, it asks anew when it finds that packets still come.
    if (pauseId !== this.#pauseId) {
      this.#pauseId = pauseId
      return
    }
    this.#refusedUntilMs = nowMs + REFUSED_MS
    this.#flow()
  }

  #begin(ssrc: number): void {
    this.#ssrc = ssrc
    this.#pauseId = 0
    this.#flow()
  }

  #flow(): void {
    this.#state = 'flowing'
    this.#gaveUp = false
    this.#unusedSinceMs = Number.NaN
    this.#target.layer.holdInfo(undefined)
  }

  #use(): number {
    this.#unusedSinceMs = Number.NaN
    return Number.POSITIVE_INFINITY
  }

  /** Nobody takes the layer: pauses it once its facts are known, and it has not been taken for long enough. */
  #watch(nowMs: number): number {
    const { layer } = this.#target
    const info = layer.info(nowMs)
    const isKnown = info.alive && !Number.isNaN(info.bitrateBps)
    if (!isKnown) this.#unusedSinceMs = Number.NaN
    else if (Number.isNaN(this.#unusedSinceMs)) this.#unusedSinceMs = nowMs
    if (!(nowMs - this.#unusedSinceMs >= this.#afterMs) || nowMs < this.#refusedUntilMs) return nowMs + CHECK_MS
    this.#state = 'paused'
    layer.holdInfo({ ...info, paused: true })
    return this.#pause(nowMs)
  }

  #pause(nowMs: number): number {
    this.#sentMs = nowMs
    this.pausesSent++
    this.#send(PAUSE_TYPE.pause, this.#ssrc as number, this.#pauseId)
    return nowMs + 2 * CHECK_MS
  }

  /** Packets that still come a while after the request show that it was lost. */
  #insist(lastPacketMs: number, nowMs: number): number {
    if (nowMs < this.#sentMs + 2 * CHECK_MS) return this.#sentMs + 2 * CHECK_MS
    return lastPacketMs > this.#sentMs + CHECK_MS ? this.#pause(nowMs) : nowMs + 2 * CHECK_MS
  }

  #resume(nowMs: number): number {
    this.#state = 'resuming'
    this.#gaveUp = false
    this.#resumedMs = nowMs
    this.#repeatMs = FIRST_REPEAT_MS
    this.#askToResume(nowMs)
    return nowMs + this.#repeatMs
  }

  /** Goes on, whether or not it is still taken: until then, nobody knows what the sender has heard. */
  #awaitPackets(lastPacketMs: number, nowMs: number): number {
    const isComing = lastPacketMs > this.#resumedMs && nowMs - lastPacketMs < MAX_REPEAT_MS
    if (isComing && nowMs - this.#resumedMs >= SETTLED_MS) {
      this.#pauseId = (this.#pauseId + 1) & 0xffff
      this.#flow()
      return nowMs + CHECK_MS
    }
    if (!isComing && !this.#gaveUp && nowMs - this.#resumedMs >= GIVE_UP_MS) {
      this.#gaveUp = true
      this.#target.layer.holdInfo(undefined)
    }
    if (nowMs >= Math.max(lastPacketMs, this.#sentMs) + this.#repeatMs) {
      this.#repeatMs = this.#gaveUp ? SELDOM_MS : Math.min(MAX_REPEAT_MS, 2 * this.#repeatMs)
      this.#askToResume(nowMs)
    }
    const repeatMs = Math.max(lastPacketMs, this.#sentMs) + this.#repeatMs
    return this.#gaveUp ? repeatMs : Math.min(repeatMs, this.#resumedMs + GIVE_UP_MS)
  }

  #askToResume(nowMs: number): void {
    this.#sentMs = nowMs
    this.resumesSent++
    this.#send(PAUSE_TYPE.resume, this.#ssrc as number, this.#pauseId)
  }
}
