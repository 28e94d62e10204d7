/** Whose a session is and what is kept with it: what an offer's context says beyond its media, checked. */
import { isIP } from 'node:net'
import { integerOption, refuseOption, stringListOption } from '../util/options.js'
import type { RelayInfo, SessionRole, SignalingContext } from './signaling-target.js'

/** What a session is made with. */
export interface SessionAbout {
  readonly id: string
  readonly role: SessionRole
  readonly broadcast: string
  readonly as: string | undefined
  readonly createdAt: number
  readonly address: string | undefined
  readonly roles: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly relay: RelayInfo | undefined
  /** The publishers that a viewer receives; all of them if undefined. */
  readonly publishers: readonly string[] | undefined
}

/** The last moment that a Date can have. */
const MAX_TIME_MS = 8.64e15

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const MESSAGE = /^[^\u0000-\u001f\u007f]{0,256}$/

/** What a context says of its session's owner. Throws `option-invalid`. */
export function resolveAbout(
  context: SignalingContext,
): Pick<SessionAbout, 'address' | 'roles' | 'metadata' | 'relay' | 'publishers'> {
  const { address } = context
  if (address !== undefined && isIP(address) === 0) refuseOption('address', 'an IP address', address)
  return {
    address,
    roles: stringListOption('roles', context.roles, [], 'a list of texts', () => true),
    metadata: resolveMetadata(context.metadata ?? {}),
    relay: context.relay && { path: [...context.relay.path] },
    publishers: context.publishers,
  }
}

/** `metadata` as a value of its own. Throws `option-invalid` for what is no plain object. */
export function resolveMetadata(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    refuseOption('metadata', 'an object', metadata)
  }
  return { ...metadata }
}

/** Milliseconds since the Unix epoch. Throws `option-invalid`. */
export function resolveExpiry(expiresAt: number | Date): number {
  return integerOption('expiresAt', Math.ceil(Number(expiresAt)), 0, 0, MAX_TIME_MS)
}

/** The number of viewers that a grant allows, if it says one. Throws `option-invalid`. */
export function resolveMaxViewers(maxViewers: number | undefined): number | undefined {
  return maxViewers === undefined ? undefined : integerOption('maxViewers', maxViewers, 0, 0, Number.MAX_SAFE_INTEGER)
}

/** A text that may be shown and logged. Throws `option-invalid`. */
export function resolveCloseMessage(message: string | undefined): string | undefined {
  if (message !== undefined && (typeof message !== 'string' || !MESSAGE.test(message))) {
    refuseOption('message', 'a text of at most 256 printable characters', message)
  }
  return message
}
