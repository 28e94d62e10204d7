/** ICE candidates as SDP carries them: RFC 8839, section 5.1 (grammar), and RFC 6544, section 4.5 (TCP). */
import { isIP } from 'node:net'
import { decimal, words } from './syntax.js'
import type { IceCandidate } from './types.js'

const FOUNDATION = /^[A-Za-z0-9+/=_-]{1,64}$/
const TYPES: readonly string[] = ['host', 'srflx', 'prflx', 'relay'] satisfies IceCandidate['type'][]
const TCP_TYPES: readonly string[] = ['active', 'passive', 'so'] satisfies NonNullable<IceCandidate['tcpType']>[]

/**
 * Reads the value of `a=candidate`, with or without the name before it.
 *
 * @returns undefined for what cannot be used: malformed lines, other components than RTP's, other transports, and addresses that are
 * names (mDNS, RFC 8839 section 5.1 allows to ignore them).
 */
export function parseIceCandidate(text: string): IceCandidate | undefined {
  const [
    foundation = '',
    componentText,
    transport = '',
    priorityText,
    address = '',
    portText,
    typ,
    type = '',
    ...rest
  ] = words(text.replace(/^(?:a=)?candidate:/i, ''))
  const protocol = transport.toLowerCase()
  const component = decimal(componentText, 1, 256)
  const priority = decimal(priorityText, 0, 0xffff_ffff)
  const port = decimal(portText, 0, 65_535)
  if (!FOUNDATION.test(foundation) || component !== 1 || priority < 0 || port < 0 || typ !== 'typ') return undefined
  if ((protocol !== 'udp' && protocol !== 'tcp') || !TYPES.includes(type) || address.includes('%')) return undefined
  if (isIP(address) === 0) return undefined
  const tcpType = protocol === 'tcp' ? extensionValue(rest, 'tcptype') : undefined
  if (protocol === 'tcp' && (tcpType === undefined || !TCP_TYPES.includes(tcpType))) return undefined
  // Nothing can be sent to port 0; an active TCP candidate has no port that means anything.
  if (port === 0 && tcpType !== 'active') return undefined
  return {
    foundation,
    component,
    protocol,
    priority,
    ip: address,
    port,
    type: type as IceCandidate['type'],
    ...(tcpType === undefined ? {} : { tcpType: tcpType as NonNullable<IceCandidate['tcpType']> }),
  }
}

/** Writes the value of `a=candidate`. */
export function formatIceCandidate(candidate: IceCandidate): string {
  const { foundation, component, protocol, priority, ip, port, type, tcpType } = candidate
  const base = `${foundation} ${component} ${protocol} ${priority} ${ip} ${port} typ ${type}`
  return tcpType === undefined ? base : `${base} tcptype ${tcpType}`
}

/** Extensions come as name and value by turns (`raddr`, `rport`, `generation`, ...). */
function extensionValue(extensions: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < extensions.length; i += 2) if (extensions[i] === name) return extensions[i + 1]
  return undefined
}
