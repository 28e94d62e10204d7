/** Begins the relays of the command line, and says how they fare. */
import type { BroadcastError } from '../index.js'
import type { RelayArguments } from './relay-arguments.js'

/** What is relayed; an `Sfu`, or something like it in tests. */
export interface RelayTarget {
  broadcast(name: string): Record<RelayArguments['kind'], (url: string, options: { token?: string }) => RunningRelay>
}

/** As much of a relay as is told about. */
export interface RunningRelay {
  on(event: 'state', listener: (state: string, error: BroadcastError | undefined) => void): unknown
}

/** Begins all of them, and says how they fare. */
export function runRelays(target: RelayTarget, relays: readonly RelayArguments[], say: (text: string) => void): void {
  for (const { kind, name, url, token } of relays) {
    const relay = target.broadcast(name)[kind](url, token === undefined ? {} : { token })
    const { host } = new URL(url)
    const what = kind === 'pull' ? `${name}: pulled from ${host}` : `${name}: pushed to ${host}`
    relay.on('state', (state, error) => {
      say(`${what} is ${state}${error === undefined ? '' : `: ${error.message}`}`)
    })
  }
}
