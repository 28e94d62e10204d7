/** Answers a publisher's simulcast: RFC 8853, section 5.3.2, and RFC 8851, section 6.3, for the restrictions of each rid. */
import type { SdpMedia, SdpRid } from './description.js'

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
  /** The answer's attributes. */
  readonly lines: readonly string[]
}

/** Nothing of it. */
export const NO_SIMULCAST: AcceptedSimulcast = { rids: [], lines: [] }

/**
 * Takes every stream that can be taken, of alternatives the first. Only `payloadTypes` may stay in a `pt=` restriction.
 *
 * A stream that begins paused stays marked so: Chromium takes an answer without the mark as the wish to start it.
 */
export function acceptSimulcast(media: SdpMedia, payloadTypes: readonly number[]): AcceptedSimulcast {
  const rids: string[] = []
  const streams: string[] = []
  const lines: string[] = []
  for (const alternatives of media.simulcastSend) {
    for (const { rid: id, paused } of alternatives) {
      const rid = media.rids.find((one) => one.id === id && one.direction === 'send')
      const restrictions = rid && acceptRestrictions(rid, payloadTypes)
      if (restrictions === undefined) continue
      rids.push(id)
      streams.push(paused ? `~${id}` : id)
      lines.push(`a=rid:${id} recv${restrictions === '' ? '' : ` ${restrictions}`}`)
      break
    }
  }
  if (rids.length === 0) return NO_SIMULCAST
  return { rids, lines: [...lines, `a=simulcast:recv ${streams.join(';')}`] }
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
