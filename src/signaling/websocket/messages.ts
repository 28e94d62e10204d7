/** The messages of the WebSocket protocol, in both directions; `docs/signaling.md` describes them. Each is one JSON object in a text frame. */
import type {
  CloseReason,
  LayerPreference,
  SectionLayers,
  SessionRole,
  SessionState,
} from '../../broadcast/signaling-target.js'
import type { BroadcastErrorCode } from '../../errors.js'

/** What a request may be told apart by; comes back in the reply. */
export type RequestId = string | number

/** What all requests may have. */
interface Request {
  readonly id?: RequestId
}

/** Opens a session by an offer. The client chooses its name, by which it is called on this connection from then on. */
interface Offer extends Request {
  readonly session: string
  readonly broadcast: string
  readonly sdp: string
  /** The bearer token, in place of the one that the upgrade request had. */
  readonly token?: string
}

/** Publishes; `as` where a broadcast has several publishers. */
export interface PublishMessage extends Offer {
  readonly type: 'publish'
  readonly as?: string
}

/** Watches. */
export interface ViewMessage extends Offer {
  readonly type: 'view'
  /** The best layer of each video that is wanted. */
  readonly layer?: LayerPreference
  /** Whether to refuse with `not-live` while there is no publisher. */
  readonly requireLive?: boolean
}

/** A candidate as browsers write it (`RTCIceCandidateInit`); null or an empty text say that there are no more. */
export interface CandidateInit {
  readonly candidate?: string
  readonly usernameFragment?: string | null
}

/** More candidates, or an ICE restart: as an SDP fragment (RFC 8840), or a single candidate. */
export interface TrickleMessage extends Request {
  readonly type: 'trickle'
  readonly session: string
  readonly fragment?: string
  readonly candidate?: CandidateInit | null
}

/** Chooses the best layer of all videos, or of the one in the m-line `mid`; null for no limit. */
export interface LayerMessage extends Request {
  readonly type: 'layer'
  readonly session: string
  readonly layer: LayerPreference | null
  readonly mid?: string
}

/** Asks what layers there are; with `watch`, also for every change of it, until `watch: false`. */
export interface LayersMessage extends Request {
  readonly type: 'layers'
  readonly session: string
  readonly watch?: boolean
}

/** Ends a session. */
export interface ByeMessage extends Request {
  readonly type: 'bye'
  readonly session: string
}

/** Goes on with the sessions of a connection whose socket was dropped. */
export interface ResumeMessage extends Request {
  readonly type: 'resume'
  readonly resumeToken: string
  /** As with an offer. */
  readonly token?: string
}

/** Asks for a `pong`. */
export interface PingMessage extends Request {
  readonly type: 'ping'
}

/** What a server's `ping` is answered with. */
export interface PongMessage extends Request {
  readonly type: 'pong'
}

/** Requests, which are handled one after the other. */
export type WebSocketRequest =
  | PublishMessage
  | ViewMessage
  | TrickleMessage
  | LayerMessage
  | LayersMessage
  | ByeMessage
  | ResumeMessage

/** What a client may send. */
export type WebSocketClientMessage = WebSocketRequest | PingMessage | PongMessage

/** A session that a connection has. */
export interface WebSocketSessionState {
  readonly session: string
  /** The id of the session on the server. */
  readonly sessionId: string
  readonly role: SessionRole
  readonly broadcast: string
  readonly state: SessionState
}

/** What the server may send. */
export type WebSocketServerMessage =
  /** The first message on a socket. */
  | {
      readonly type: 'welcome'
      /** Of the protocol. */
      readonly version: 1
      readonly resumeToken: string
      /** How long sessions wait for a `resume`; 0 if they do not. */
      readonly resumeWithinMs: number
      /** The client is asked to answer a `ping` within that time, and may expect one where nothing else is said. */
      readonly heartbeatMs: number
      readonly maxMessageBytes: number
    }
  /** The answer to an offer. */
  | {
      readonly type: 'answer'
      readonly id?: RequestId
      readonly session: string
      readonly sessionId: string
      readonly role: SessionRole
      readonly broadcast: string
      readonly sdp: string
    }
  /** A request without another reply was carried out; told only to requests with an `id`. */
  | { readonly type: 'done'; readonly id: RequestId; readonly session: string }
  /** A trickled fragment has restarted ICE; the server's end of it. */
  | { readonly type: 'restarted'; readonly id?: RequestId; readonly session: string; readonly fragment: string }
  /** What there is to choose from, by m-line; without `id` if it has changed. */
  | {
      readonly type: 'layers'
      readonly id?: RequestId
      readonly session: string
      readonly layers: readonly SectionLayers[]
    }
  /** The connection goes on with the sessions that are left. */
  | {
      readonly type: 'resumed'
      readonly id?: RequestId
      readonly resumeToken: string
      readonly sessions: readonly WebSocketSessionState[]
    }
  /** A request was refused, or a message was none. */
  | {
      readonly type: 'error'
      readonly id?: RequestId
      readonly session?: string
      readonly code: BroadcastErrorCode
      readonly message: string
      readonly details?: Readonly<Record<string, unknown>>
    }
  /** There is a publisher, or none (any more). */
  | { readonly type: 'live' | 'idle'; readonly session: string }
  /** So many viewers are connected. */
  | { readonly type: 'viewers'; readonly session: string; readonly count: number }
  /** The client is asked to open another session in place of this one, and to leave it then. */
  | { readonly type: 'reconnect'; readonly session: string }
  /** The session has ended. */
  | { readonly type: 'bye'; readonly session: string; readonly reason: CloseReason }
  | { readonly type: 'ping' }
  | { readonly type: 'pong'; readonly id?: RequestId }
