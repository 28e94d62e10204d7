/** What a cluster needs of relays: a publisher of another node, pulled into a broadcast of this one. */
import type { Broadcast } from '../broadcast/broadcast.js'
import type { Session } from '../broadcast/session.js'

/** Where a publisher is pulled from. */
export interface PullSource {
  /** Where the node's signaling is reached. */
  readonly nodeUrl: string
  /** What is shown there; another one each time. */
  token(): string
}

/** How it is done. */
export interface PullMediaOptions {
  /** The publisher's name, on both sides. */
  readonly publisher: string
  /** Asked before every attempt; what it rejects with is a failed attempt. */
  source(): Promise<PullSource>
  /** A session of the relay has been made, which is about to connect. */
  onSession(session: Session): void
  /** Whether media can flow has changed, or it is over. */
  onChange(): void
}

/** A relay that runs, until it is closed. */
export interface PulledMedia {
  /** Whether media can flow. */
  readonly connected: boolean
  /** It has ended by itself: somebody has closed its session here. */
  readonly over: boolean
  /** Connects to another place, before it lets go of the present one; viewers' streams go on. */
  moveTo(source: PullSource): void
  /** Ends it here and there. Idempotent. */
  close(): Promise<void>
}

/** Begins to pull. */
export type PullMedia = (broadcast: Broadcast, options: PullMediaOptions) => PulledMedia
