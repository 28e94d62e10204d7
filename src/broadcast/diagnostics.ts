/** What is published of sessions and broadcasts on the channels of `node:diagnostics_channel`. */
import type { BroadcastError } from '../errors.js'
import { publish } from '../util/diagnostics.js'
import type { Session } from './session.js'
import type { CloseReason, SessionRole } from './signaling-target.js'

/** What is published, by channel. */
export interface DiagnosticsMessages {
  /** An offer has been answered. */
  'manycast:session:opened': { readonly session: Session }
  /** A session is connected for the first time. */
  'manycast:session:connected': { readonly session: Session }
  /** A session that was opened has ended. */
  'manycast:session:closed': { readonly session: Session; readonly reason: CloseReason }
  /** An offer was refused; `broadcast` is its name, where the request had one. */
  'manycast:session:refused': {
    readonly broadcast: string | undefined
    readonly role: SessionRole
    readonly error: BroadcastError
  }
  /** A broadcast has been made, or begins to close; `broadcast` is its name. */
  'manycast:broadcast:added': { readonly broadcast: string }
  'manycast:broadcast:removed': { readonly broadcast: string }
  /** A broadcast has its first publisher, or has lost its last. */
  'manycast:broadcast:live': { readonly broadcast: string; readonly session: Session }
  'manycast:broadcast:idle': { readonly broadcast: string }
}

/** Publishes a message, if anybody has subscribed. */
export function publishDiagnostics<Name extends keyof DiagnosticsMessages>(
  name: Name,
  message: DiagnosticsMessages[Name],
): void {
  publish(name, message)
}
