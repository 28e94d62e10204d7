/** Nobody publishes, and a viewer wants to be told so. */
import { BroadcastError } from '../errors.js'

/** The error of a request with `requireLive` for the broadcast `name`. */
export function notLive(name: string): BroadcastError {
  return new BroadcastError('not-live', `nobody publishes to broadcast ${name}`)
}
