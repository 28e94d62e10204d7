/** The names of publishers within a broadcast. */
import { BroadcastError } from '../errors.js'

/** What a publisher is called that gives no name. */
export const DEFAULT_PUBLISHER_NAME = 'main'

const MAX_LENGTH = 128

/** `as`, or the default. Throws `request-invalid` for a name that is empty, too long or has control characters. */
export function publisherName(as: string | undefined): string {
  if (as === undefined) return DEFAULT_PUBLISHER_NAME
  if (typeof as !== 'string' || !isPublisherName(as)) {
    throw new BroadcastError('request-invalid', `a publisher's name has 1 to ${MAX_LENGTH} printable characters`)
  }
  return as
}

/** True if a publisher can be called that. */
export function isPublisherName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  return name.length <= MAX_LENGTH && /^[^\u0000-\u001f\u007f]+$/.test(name)
}
