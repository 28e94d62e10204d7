/** Entity-tags of ICE sessions (RFC 9725, section 4.3.1; RFC 9110, sections 8.8.3 and 13.1.1). */
import type { SignalingSession } from '../../broadcast/signaling-target.js'

const TAGS = /(W\/)?"([!\u0023-\u007e\u0080-\u00ff]*)"/g

/** The strong tag of a session's ICE session. */
export function entityTag(session: SignalingSession): string {
  return `"${session.iceSessionId}"`
}

/**
 * Whether the `If-Match` value `condition` holds for `tag`. Weak tags never do (strong comparison), and neither does what is no tag. An
 * asterisk always does, also in the quotes in which the example of RFC 9725, section 4.3.3, has it.
 */
export function matchesEntityTag(condition: string, tag: string): boolean {
  const value = condition.trim()
  if (value === '*' || value === '"*"') return true
  // Anything else between the tags than commas makes a value that means nothing.
  if (!/^[\s,]*$/.test(value.replace(TAGS, ''))) return false
  return [...value.matchAll(TAGS)].some(([text, weak]) => weak === undefined && text === tag)
}
