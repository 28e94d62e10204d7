/** The narrow face that signaling adapters talk to. `Sfu` and `Broadcast` have it, and so has the fake in `manycast/testing`. */
import type {
  LayerPreference,
  PeerCloseReason,
  PeerRole,
  PeerState,
  SectionLayers,
  TrickleResult,
} from '../engine/types.js'
import type { RelayInfo } from '../relay/relay-target.js'

/** An offer as callers hold it: SDP text, or what `RTCPeerConnection.createOffer()` resolved to. */
export type OfferInput = string | { readonly type: 'offer'; readonly sdp: string }

/** Whether a session sends media to us or receives it. */
export type SessionRole = PeerRole

/** How far a session is; the words of `RTCPeerConnection.connectionState` as far as they apply. */
export type SessionState = PeerState

/** Why a session ended. */
export type CloseReason = PeerCloseReason

export type { LayerPreference, SectionLayers, TrickleResult } from '../engine/types.js'
export type { RelayInfo } from '../relay/relay-target.js'

/** What an adapter knows about the request that carried an offer. */
export interface SignalingContext {
  /** The name of the broadcast; a single `Broadcast` as target ignores it. */
  readonly broadcast?: string
  /**
   * The name under which a publisher publishes, where a broadcast has several: publishers of the same name replace each other, others
   * stand side by side. Default `main`. Ignored for viewers.
   */
  readonly as?: string
  /**
   * In bits per second, 10000 to 10^9. What a publisher is asked to send at most, all its streams together (REMB) and each video section (`b=`), in place
   * of the Sfu's `publisherMaxBitrateBps`; or what a viewer is sent at most, as by `session.limitBitrate`. Default no limit of its own.
   */
  readonly maxBitrateBps?: number
  /** The best layer of each video that a viewer wants, as by `session.preferLayer`. Default no limit. Ignored for publishers. */
  readonly layer?: LayerPreference
  /** The publishers that a viewer receives, as by `session.selectPublishers`. Default all. Ignored for publishers. */
  readonly publishers?: readonly string[]
  /** What a viewer does not receive until `session.resume`, as by `session.pause`. Default nothing. Ignored for publishers. */
  readonly paused?: { readonly audio?: boolean; readonly video?: boolean }
  /** Whether a viewer is refused with `not-live` while there is no publisher. Default false: it waits. Ignored for publishers. */
  readonly requireLive?: boolean
  /**
   * Said of a session that is one end of a relay: of a publisher, the nodes that its media came through; of a viewer, the node that asks. Such a viewer is in no
   * count of viewers, but limits count it. Default: no relay.
   */
  readonly relay?: RelayInfo
  /** The client's IP address, as far as it is known; limits per address count by it. */
  readonly address?: string
  /**
   * How many viewers the broadcast may have, beside the limit of its own: a viewer is refused with `limit-reached` if there are as many; a
   * publisher makes it count for every viewer, for as long as its session lives. 0 for none at all. Default no limit.
   */
  readonly maxViewers?: number
  /** When the session is ended, with `expired`: milliseconds since the Unix epoch. Default never. */
  readonly expiresAt?: number
  /** What the user is to the application, found again as `session.roles`. */
  readonly roles?: readonly string[]
  /**
   * Whether the session is taken also while the Sfu drains or is overloaded: for other servers, which bring many viewers with them. Default false.
   */
  readonly essential?: boolean
  /** Anything the application wants to find again on the session; plain JSON values. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What happens around a session, for the one who signals with it. */
export type SignalingEvent =
  /** There is a publisher; the first word, if there is one already. */
  | { readonly type: 'live' }
  /** There is no publisher any more. */
  | { readonly type: 'idle' }
  /** So many viewers are connected; told at first, and then at most once a second. */
  | { readonly type: 'viewers'; readonly count: number }
  /** Something else of a video is sent to the session; `layers()` may have changed, too. */
  | { readonly type: 'layer' }
  /** The client is asked to open another session in place of this one, which goes on until then; told once. */
  | { readonly type: 'reconnect' }
  /** The session has ended. The last word. */
  | { readonly type: 'closed'; readonly reason: CloseReason }

/** Hears of {@link SignalingEvent}s. What it throws is logged. */
export type SignalingListener = (event: SignalingEvent) => void

/** A session as adapters see it. */
export interface SignalingSession {
  /** Unguessable: 128 random bits in base64url. */
  readonly id: string
  readonly role: SessionRole
  readonly state: SessionState
  /** The name of its broadcast. */
  readonly broadcast: string
  /** Names its ICE session: another one after each ICE restart. Fit for an entity-tag (RFC 9725, section 4.3.1). */
  readonly iceSessionId: string
  /**
   * Takes an SDP fragment of the peer (RFC 8840): more candidates, or an ICE restart. Rejects with a `BroadcastError`; the session goes on
   * as before then.
   */
  trickle(fragment: string): Promise<TrickleResult>
  /** Tells `listener` how things are, at once, and then what happens. Returns the way to stop; it stops by itself after `closed`. */
  subscribe(listener: SignalingListener): () => void
  /** What there is to choose from in each video section of a viewer; none once it has ended. */
  layers(): Promise<readonly SectionLayers[]>
  /**
   * The best layer of a viewer's videos; no limit if undefined. With `mid`, of the one in that section, within what holds for all. Rejects
   * with a `BroadcastError`.
   */
  preferLayer(preference: LayerPreference | undefined, mid?: string): Promise<void>
  /** The nodes that what it sends came through, the first one first and this one last; of a publisher, this one only. Relays are told them, where it is there. */
  relayPath?(): readonly string[]
  /** Ends the session; idempotent. Resolves when its peer and memory are gone. */
  close(reason?: CloseReason): Promise<void>
}

/** An answer that `setRemoteDescription` takes as it is, and the session behind it. */
export interface SignalingAnswer<Session extends SignalingSession = SignalingSession> {
  readonly type: 'answer'
  readonly sdp: string
  readonly session: Session
}

/** What a signaling adapter needs. */
export interface SignalingTarget<Session extends SignalingSession = SignalingSession> {
  /** Takes a publisher's offer. Rejects with a `BroadcastError`. */
  publish(offer: OfferInput, context?: SignalingContext): Promise<SignalingAnswer<Session>>
  /** Takes a viewer's offer. Rejects with a `BroadcastError`. */
  view(offer: OfferInput, context?: SignalingContext): Promise<SignalingAnswer<Session>>
  /** Whether it takes no more sessions as it is going down: clients whose sessions are gone may find them elsewhere. Absent for no. */
  readonly draining?: boolean
  /** The live session of that id, or undefined. */
  session(id: string): Session | undefined
}
