/** What a WHEP session has besides itself: event streams and the layer selection, for as long as it lives. */
import { randomBytes } from 'node:crypto'
import type { SignalingSession } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import { type PeekedSection, peekSections } from '../../sdp/peek-sections.js'
import type { WhepEventName } from './event-stream.js'
import { linkHeader } from './link-header.js'
import { SessionEvents, WHEP_EVENTS, WHIP_EVENTS } from './session-events.js'
import type { WhipWhepConfig } from './whip-whep-options.js'
import type { Protocol } from './whip-whep-route.js'

/** Of the protocol's extensions. */
const urn = (protocol: Protocol) => `urn:ietf:params:${protocol}:ext:core`

/** The extensions of one session. */
export interface WhepExtensions {
  /** The m-lines of its answer. */
  readonly sections: readonly PeekedSection[]
  readonly streams: Map<string, SessionEvents>
}

/** Remembers the sessions that an adapter has opened. */
export class WhepSessions {
  readonly #extensions = new WeakMap<SignalingSession, WhepExtensions>()
  readonly #config: Pick<WhipWhepConfig, 'maxEventStreams' | 'eventHeartbeatMs'>

  constructor(config: Pick<WhipWhepConfig, 'maxEventStreams' | 'eventHeartbeatMs'>) {
    this.#config = config
  }

  /** Takes note of a session and its answer. */
  add(session: SignalingSession, answer: string): void {
    this.#extensions.set(session, { sections: peekSections(answer), streams: new Map() })
  }

  /** What belongs to `session`; undefined if another adapter has opened it. */
  of(session: SignalingSession): WhepExtensions | undefined {
    return this.#extensions.get(session)
  }

  /** Begins a stream of `wanted` events; returns its name, which nobody can guess. Throws `limit-reached`. */
  openStream(
    session: SignalingSession,
    { sections, streams }: WhepExtensions,
    wanted: ReadonlySet<WhepEventName>,
  ): string {
    const { maxEventStreams, eventHeartbeatMs } = this.#config
    if (streams.size >= maxEventStreams) {
      throw new BroadcastError('limit-reached', `the session has ${streams.size} event streams already`, {
        details: { limit: 'maxEventStreams' },
      })
    }
    const name = randomBytes(16).toString('base64url')
    const onEnd = () => streams.delete(name)
    streams.set(name, new SessionEvents({ session, sections, wanted, heartbeatMs: eventHeartbeatMs, onEnd }))
    return name
  }
}

/** The `Link` values that announce the extensions of the session at `sessionPath`. A publisher, too, is told when it has to go elsewhere. */
export function extensionLinks(sessionPath: string, protocol: Protocol): string[] {
  const events = (names: readonly WhepEventName[]) =>
    linkHeader(`${sessionPath}/events`, { rel: `${urn(protocol)}:server-sent-events`, events: names.join(',') })
  if (protocol === 'whip') return [events(WHIP_EVENTS)]
  return [events(WHEP_EVENTS), linkHeader(`${sessionPath}/layer`, { rel: `${urn(protocol)}:layer` })]
}
