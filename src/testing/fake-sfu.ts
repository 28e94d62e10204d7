/** An `Sfu` without media: what an application does with broadcasts and sessions, on virtual time and without sockets. */
import { Sfu } from '../broadcast/sfu.js'
import type { SfuOptions } from '../broadcast/sfu-options.js'
import type { CloseReason, SignalingSession } from '../broadcast/signaling-target.js'
import type { EngineListener, LayerEvent } from '../engine/types.js'
import { FakeEngine } from './fake-engine.js'
import { VirtualClock } from './virtual-clock.js'

/** Which session something happens to; a `Session` is one. */
export type FakePeerOf = Pick<SignalingSession, 'id'>

/**
 * Decides what happens to the peers of a {@link FakeSfu}, as their packets would in real life. Events are told before a method returns. Sessions
 * that have ended are passed over.
 */
export interface FakeMedia {
  /** ICE and DTLS come up: the session is `connected`, and a publisher is live. */
  connect(session: FakePeerOf): void
  /** Nothing more is heard of the peer: the session is `disconnected`, until `connect` or `end`. */
  disconnect(session: FakePeerOf): void
  /** The peer has gone; default `peer-closed`. */
  end(session: FakePeerOf, reason?: CloseReason): void
  /** A publisher speaks, or falls silent. */
  speak(session: FakePeerOf, speaking: boolean): void
  /** A publisher has sent so many more bytes, which limits of bitrates count. */
  send(session: FakePeerOf, bytes: number): void
  /** Something else of a video is forwarded to a viewer. */
  forward(session: FakePeerOf, layer: LayerEvent): void
}

/** What {@link fakeSfu} makes. */
export interface FakeSfu {
  /** A real Sfu: its limits, policies, events and errors are those of production. */
  readonly sfu: Sfu
  /** All of its time: timeouts, limits per second and expiry pass by `clock.advance(ms)`. */
  readonly clock: VirtualClock
  readonly media: FakeMedia
}

/**
 * Makes a real `Sfu` on an engine that opens no socket, and on virtual time. It negotiates offers for real, so that answers are valid, but
 * nothing connects unless the test says so. What an engine times by itself does not happen: peers that never connect stay, until
 * `media.end(session, 'connect-timeout')`.
 *
 * Throws `option-invalid`, as `new Sfu` does.
 *
 * @example
 * ```ts
 * const { sfu, clock, media } = fakeSfu({ idleTimeoutMs: 60_000 })
 * const { session } = await sfu.broadcast('main').addPublisher(offer)
 * media.connect(session)
 * media.end(session)
 * clock.advance(60_000) // the broadcast is closed
 * ```
 */
export function fakeSfu(options: SfuOptions = {}): FakeSfu {
  const { sfu, engine, clock } = sfuOnFakeEngine(options)
  const media: FakeMedia = {
    connect: ({ id }) => engine.simulateState(id, 'connected'),
    disconnect: ({ id }) => engine.simulateState(id, 'disconnected'),
    end: ({ id }, reason = 'peer-closed') => engine.simulateEnd(id, reason),
    speak: ({ id }, speaking) => engine.simulateSpeech(id, speaking),
    send: ({ id }, bytes) => engine.simulateRtp(id, bytes),
    forward: ({ id }, layer) => engine.simulateLayer(id, layer),
  }
  return { sfu, clock, media }
}

/** An Sfu on a fake engine and a virtual clock, and those two. */
export function sfuOnFakeEngine(options: SfuOptions = {}): { sfu: Sfu; engine: FakeEngine; clock: VirtualClock } {
  let engine: FakeEngine | undefined
  const clock = new VirtualClock()
  const createEngine = (_config: unknown, listener: EngineListener) => {
    engine = new FakeEngine(listener)
    return engine
  }
  const sfu = new Sfu(options, createEngine, clock)
  return { sfu, engine: engine as FakeEngine, clock }
}
