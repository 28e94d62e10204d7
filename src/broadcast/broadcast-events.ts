/** What a broadcast tells. */
import type { Session } from './session.js'
import type { CloseReason } from './signaling-target.js'

/** Events of a {@link Broadcast}. */
export type BroadcastEvents = {
  /** A publisher is connected. */
  'publisher-joined': [session: Session]
  /** A publisher that was connected has ended. */
  'publisher-left': [session: Session, reason: CloseReason]
  /** A viewer is connected. */
  'viewer-joined': [session: Session]
  /** A viewer that was connected has ended. */
  'viewer-left': [session: Session, reason: CloseReason]
  /** An offer has been answered, its sender's by us or ours by it; it is about to connect. */
  'session-opened': [session: Session]
  /** A session has ended that was opened, whether it was ever connected or not. */
  'session-closed': [session: Session, reason: CloseReason]
  /** There is a publisher now; viewers that waited start to receive. */
  live: [session: Session]
  /** There is no publisher any more; viewers stay and wait for the next one. */
  idle: []
  /**
   * Another publisher is the one who speaks: the session (its name is `session.as`), or undefined when nobody speaks any more. Only publishers
   * whose packets say their level (RFC 6464, as browsers' do) are heard.
   */
  'active-speaker': [session: Session | undefined]
  /** The broadcast has been closed. The last event. */
  closed: []
}
