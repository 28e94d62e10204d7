/** Names of broadcasts as they stand in URLs. */

/** What is allowed: the unreserved characters of RFC 3986, section 2.3, 1 to 128 of them. */
const NAME = /^[A-Za-z0-9._~-]{1,128}$/

/** The name that a path segment stands for, or undefined if it is none. */
export function broadcastNameOf(segment: string): string | undefined {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch {
    return undefined
  }
  return isBroadcastName(name) ? name : undefined
}

/** Whether `name` can stand in a URL; dot segments would be taken for directories. */
export function isBroadcastName(name: string): boolean {
  return NAME.test(name) && name !== '.' && name !== '..'
}
