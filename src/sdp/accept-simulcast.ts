/** Answers simulcast, a publisher's or a viewer's: RFC 8853, section 5.3.2, and RFC 8851, section 6.3, for the restrictions of each rid. */
import type { SdpMedia, SdpRid } from './description.js'

/** What an element of the one-byte form holds (RFC 8285, section 4.2): packets to viewers carry nothing longer. */
const MAX_SENT_RID_LENGTH = 16

/** Restrictions whose meaning is known; a rid with any other must not be accepted. */
const KNOWN_RESTRICTIONS: ReadonlySet<string> = new Set([
  'max-width',
  'max-height',
  'max-fps',
  'max-fs',
  'max-br',
  'max-pps',
  'max-bpp',
  'depend',
])

/** What of the simulcast is taken. */
export interface AcceptedSimulcast {
  /** In the offer's order; empty where nothing is. */
  readonly rids: readonly string[]
  /** Those of them that begin paused. */
  readonly paused: readonly string[]
  /** The answer's attributes. */
  readonly lines: readonly string[]
}

/** Nothing of it. */
export const NO_SIMULCAST: AcceptedSimulcast = { rids: [], paused: [], lines: [] }

/**
 * Takes every stream of a publisher's that can be taken, of alternatives the first. Only `payloadTypes` may stay in a `pt=` restriction.
 *
 * A stream that begins paused stays marked so: Chromium takes an answer without the mark as the wish to start it.
 */
export function acceptSimulcast(media: SdpMedia, payloadTypes: readonly number[]): AcceptedSimulcast {
  return accept(media, 'send', payloadTypes, Number.POSITIVE_INFINITY, () => true)
}

/**
 * Takes the streams that a viewer asks for all at once, of alternatives the first, up to `limit` of them.
 *
 * @param pauses whether the viewer can resume what begins paused; without, nothing does.
 */
export function acceptReceivedSimulcast(
  media: SdpMedia,
  payloadTypes: readonly number[],
  limit: number,
  pauses: boolean,
): AcceptedSimulcast {
  const isSent = (rid: string): boolean => rid.length <= MAX_SENT_RID_LENGTH
  return accept(media, 'recv', payloadTypes, limit, isSent, pauses)
}

function accept(
  media: SdpMedia,
  direction: 'send' | 'recv',
  payloadTypes: readonly number[],
  limit: number,
  isUsable: (rid: string) => boolean,
  pauses = true,
): AcceptedSimulcast {
  const rids: string[] = []
  const beginPaused: string[] = []
  const streams: string[] = []
  const lines: string[] = []
  const [offered, answered] = direction === 'send' ? [media.simulcastSend, 'recv'] : [media.simulcastReceive, 'send']
  for (const alternatives of offered) {
    if (rids.length >= limit) break
    for (const { rid: id, paused } of alternatives) {
      const rid = media.rids.find((one) => one.id === id && one.direction === direction)
      const restrictions = rid && isUsable(id) ? acceptRestrictions(rid, payloadTypes) : undefined
      if (restrictions === undefined) continue
      rids.push(id)
      if (paused && pauses) beginPaused.push(id)
      streams.push(paused && pauses ? `~${id}` : id)
      lines.push(`a=rid:${id} ${answered}${restrictions === '' ? '' : ` ${restrictions}`}`)
      break
    }
  }
  if (rids.length === 0) return NO_SIMULCAST
  return { rids, paused: beginPaused, lines: [...lines, `a=simulcast:${answered} ${streams.join(';')}`] }
}

/** The restrictions of the answer's `a=rid`, or undefined where the rid must be refused. */
function acceptRestrictions(rid: SdpRid, payloadTypes: readonly number[]): string | undefined {
  const accepted: string[] = []
  for (const { name, value } of rid.restrictions) {
    if (name === 'pt') {
      const kept = (value ?? '').split(',').filter((text) => payloadTypes.includes(Number(text)))
      if (kept.length === 0) return undefined
      accepted.unshift(`pt=${kept.join(',')}`)
    } else if (KNOWN_RESTRICTIONS.has(name)) accepted.push(value === undefined ? name : `${name}=${value}`)
    else return undefined
  }
  return accepted.join(';')
}
