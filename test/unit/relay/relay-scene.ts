/** A relay between a fake broadcast and fake servers, on virtual time. */
import { afterEach } from 'vitest'
import { pull, push, type Relay, type RelayOptions } from '../../../src/relay/index.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type FakeRelaySession, FakeRelayTarget } from './fake-relay-target.js'
import { FakeServers } from './fake-server.js'

/** What a test has. */
export interface RelayScene {
  readonly relay: Relay<FakeRelaySession>
  readonly target: FakeRelayTarget
  readonly servers: FakeServers
  readonly clock: VirtualClock
  /** Every state, and with what error it came. */
  readonly states: string[]
  /** The waits before further attempts. */
  readonly delays: number[]
  /** Lets so much time pass, and what comes of it happen. */
  pass(durationMs: number): Promise<void>
}

/** What a scene begins with. */
export interface SceneOptions extends RelayOptions {
  readonly url?: string
  readonly target?: FakeRelayTarget
  readonly servers?: FakeServers
}

const open = new Map<Relay<FakeRelaySession>, VirtualClock>()

afterEach(async () => {
  for (const [relay, clock] of open) {
    const closed = relay.close()
    // Servers that do not answer are not waited for any longer.
    clock.advance(60_000)
    await closed
  }
  open.clear()
})

/** Lets everything happen that waits for nothing. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A pull that has had the time to connect. */
export function pullScene(options: SceneOptions = {}): Promise<RelayScene> {
  return scene('pull', { url: 'https://up.test/whep/show', ...options })
}

/** A push that has had the time to connect. */
export function pushScene(options: SceneOptions = {}): Promise<RelayScene> {
  return scene('push', { url: 'https://up.test/whip/show', ...options })
}

async function scene(kind: 'pull' | 'push', given: SceneOptions): Promise<RelayScene> {
  const { url = '', target = new FakeRelayTarget(), servers = new FakeServers(), ...options } = given
  const clock = new VirtualClock()
  const begin = kind === 'pull' ? pull : push
  const relay = begin(target, url, { random: () => 0, fetch: servers.fetch, time: clock, ...options })
  open.set(relay, clock)
  const states: string[] = []
  const delays: number[] = []
  relay.on('state', (state, error) => states.push(error === undefined ? state : `${state} ${error.code}`))
  relay.on('retry', (_error, delayMs) => delays.push(delayMs))
  await settle()
  const pass = async (durationMs: number): Promise<void> => {
    const stepMs = 50
    await settle()
    for (let left = durationMs; left > 0; left -= stepMs) {
      clock.advance(Math.min(left, stepMs))
      await settle()
    }
  }
  return { relay, target, servers, clock, states, delays, pass }
}
