/** The arguments about the media port: where it listens, what is announced, and whether it takes TCP. */
import { isIP } from 'node:net'
import type { AnnouncedAddressOption, SfuOptions } from '../index.js'
import { UsageError } from './usage-error.js'

/** Their names and types, as `parseArgs` of Node wants them. */
export const MEDIA_OPTIONS = {
  'listen-ip': { type: 'string', multiple: true },
  announce: { type: 'string', multiple: true },
  'announce-hosts': { type: 'string' },
  'ice-tcp': { type: 'string' },
} as const

type MediaValues = { readonly [name in keyof typeof MEDIA_OPTIONS]?: string | string[] | undefined }

/**
 * The options of the Sfu that they stand for. Pages that only this machine can open need no media port that others can reach, unless other addresses
 * are asked for. Throws {@link UsageError}.
 */
export function mediaArguments(values: MediaValues, host: string): SfuOptions {
  const announceHosts = choice('--announce-hosts', values['announce-hosts'], ['refuse', 'resolve'])
  const listenIps = list(values['listen-ip'])?.map((text) => ipAddress('--listen-ip', text))
  const announceIps = list(values.announce)?.map((text) => announced(text, announceHosts === 'resolve'))
  const iceTcp = choice('--ice-tcp', values['ice-tcp'], ['on', 'off'])
  const loopback = host === '::1' ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  const onlyHere = host === 'localhost' || host === '::1' || host.startsWith('127.')
  const resolved = listenIps ?? (onlyHere && announceIps === undefined ? loopback : undefined)
  return {
    ...(resolved === undefined ? {} : { listenIps: resolved }),
    ...(announceIps === undefined ? {} : { announceIps }),
    ...(announceHosts === undefined ? {} : { announceHosts }),
    ...(iceTcp === undefined ? {} : { iceTcp: iceTcp === 'on' }),
  }
}

/** `public` or `own=public`. */
function announced(text: string, mayBeHost: boolean): string | AnnouncedAddressOption {
  const border = text.indexOf('=')
  const ip = text.slice(border + 1)
  const checked = mayBeHost && isIP(ip) === 0 && ip !== '' ? ip : ipAddress('--announce', ip, mayBeHost)
  return border < 0 ? checked : { ip: checked, localIp: ipAddress('--announce', text.slice(0, border)) }
}

function ipAddress(option: string, text: string, mayBeHost = false): string {
  const ip = text.replace(/^\[(.*)\]$/, '$1')
  if (isIP(ip) !== 0) return ip
  const advice = option === '--announce' && !mayBeHost ? ' (host names need --announce-hosts resolve)' : ''
  throw new UsageError(`${option} must be an IP address, not ${JSON.stringify(text)}${advice}`)
}

function choice<T extends string>(option: string, value: string | string[] | undefined, choices: readonly T[]) {
  if (value === undefined || choices.includes(value as T)) return value as T | undefined
  throw new UsageError(`${option} must be ${choices.join(' or ')}, not ${JSON.stringify(value)}`)
}

function list(values: string | string[] | undefined): readonly string[] | undefined {
  return values === undefined ? undefined : [values].flat()
}
