/** What is known of a session without asking the engine. */
import type { CloseReason, RelayInfo, SessionRole, SessionState } from './signaling-target.js'

/** Snapshot of a session as an administrator sees it; plain values. Its `id` is the key to its URL, and `metadata` is the application's own. */
export interface SessionInfo {
  readonly id: string
  readonly role: SessionRole
  /** The name of its broadcast. */
  readonly broadcast: string
  /** The name under which a publisher publishes. */
  readonly as?: string
  readonly state: SessionState
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly createdAt: number
  /** When it was connected for the first time. */
  readonly connectedAt?: number
  /** When it is going to be ended. */
  readonly expiresAt?: number
  /** The client's IP address, where the adapter knows it. */
  readonly address?: string
  readonly roles: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  /** What is known of the other end, if it is one end of a relay. */
  readonly relay?: RelayInfo
  /** Why it has ended. */
  readonly closeReason?: CloseReason
  /** What was said when it was ended. */
  readonly closeMessage?: string
}
