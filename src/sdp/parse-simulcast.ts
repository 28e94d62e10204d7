/**
 * Reads `a=rid` (RFC 8851, section 10) and `a=simulcast` (RFC 8853, section 5.1). Both RFCs want a malformed line treated as absent, so
 * that the media goes on without simulcast.
 */
import type { SdpRid, SdpSimulcastStreams } from './description.js'
import { SDP_LIMITS } from './limits.js'
import { isRid, isToken, words } from './syntax.js'

/** Reads the value of `a=rid`; undefined if it is malformed. */
export function parseRid(text: string): SdpRid | undefined {
  const [id = '', direction, restrictionsText, ...rest] = words(text)
  if (!isRid(id) || (direction !== 'send' && direction !== 'recv') || rest.length > 0) return undefined
  const restrictions = (restrictionsText?.split(';') ?? []).map((part) => {
    const equals = part.indexOf('=')
    return equals < 0
      ? { name: part, value: undefined }
      : { name: part.slice(0, equals), value: part.slice(equals + 1) }
  })
  return restrictions.every(({ name }) => isToken(name)) ? { id, direction, restrictions } : undefined
}

/** Reads the value of `a=simulcast`; undefined if it is malformed. */
export function parseSimulcast(text: string): { send: SdpSimulcastStreams; recv: SdpSimulcastStreams } | undefined {
  const parts = words(text)
  const found = new Map<string, SdpSimulcastStreams>()
  if (parts.length !== 2 && parts.length !== 4) return undefined
  for (let i = 0; i < parts.length; i += 2) {
    const direction = parts[i] as string
    const streams = parseStreams(parts[i + 1] as string)
    if ((direction !== 'send' && direction !== 'recv') || found.has(direction) || !streams) return undefined
    found.set(direction, streams)
  }
  return { send: found.get('send') ?? [], recv: found.get('recv') ?? [] }
}

function parseStreams(text: string): SdpSimulcastStreams | undefined {
  const streams = text.split(';').map((stream) =>
    stream.split(',').map((alternative) => {
      const paused = alternative.startsWith('~')
      return { rid: paused ? alternative.slice(1) : alternative, paused }
    }),
  )
  const rids = streams.flat().map(({ rid }) => rid)
  const sound = rids.length <= SDP_LIMITS.ridsPerSection && new Set(rids).size === rids.length && rids.every(isRid)
  return sound ? streams : undefined
}
