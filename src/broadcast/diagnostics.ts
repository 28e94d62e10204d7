/**
 * What happens, on the channels of `node:diagnostics_channel`: for tracing and tools that look on without the application's doing. Nothing is made
 * for a channel that nobody has subscribed to.
 */
import diagnosticsChannel from 'node:diagnostics_channel'
import type { BroadcastError } from '../errors.js'
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

const channels: { readonly [Name in keyof DiagnosticsMessages]: diagnosticsChannel.Channel } = {
  'manycast:session:opened': diagnosticsChannel.channel('manycast:session:opened'),
  'manycast:session:connected': diagnosticsChannel.channel('manycast:session:connected'),
  'manycast:session:closed': diagnosticsChannel.channel('manycast:session:closed'),
  'manycast:session:refused': diagnosticsChannel.channel('manycast:session:refused'),
  'manycast:broadcast:added': diagnosticsChannel.channel('manycast:broadcast:added'),
  'manycast:broadcast:removed': diagnosticsChannel.channel('manycast:broadcast:removed'),
  'manycast:broadcast:live': diagnosticsChannel.channel('manycast:broadcast:live'),
  'manycast:broadcast:idle': diagnosticsChannel.channel('manycast:broadcast:idle'),
}

/** Publishes a message, if anybody has subscribed. Subscribers that throw do so in `uncaughtException`, as Node has it. */
export function publishDiagnostics<Name extends keyof DiagnosticsMessages>(
  name: Name,
  message: DiagnosticsMessages[Name],
): void {
  const channel = channels[name]
  if (channel.hasSubscribers) channel.publish(message)
}
