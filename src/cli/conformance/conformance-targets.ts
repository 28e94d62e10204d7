/** Which endpoints the conformance command is to test. */
import { UsageError } from '../usage-error.js'

/** Endpoints by protocol. */
export interface ConformanceTargets {
  readonly whip: string | undefined
  readonly whep: string | undefined
}

/**
 * The endpoints that a command line names: by `--whip` and `--whep`, or by an URL that has the protocol in its path. Another URL is the base
 * of a server with the paths of manycast. Throws {@link UsageError}.
 */
export function conformanceTargets(
  url: string | undefined,
  options: { readonly whip?: string | undefined; readonly whep?: string | undefined },
): ConformanceTargets {
  const whip = options.whip === undefined ? undefined : httpUrl('--whip', options.whip).href
  const whep = options.whep === undefined ? undefined : httpUrl('--whep', options.whep).href
  if (url === undefined) {
    if (whip === undefined && whep === undefined) throw new UsageError('conformance needs an URL, --whip or --whep')
    return { whip, whep }
  }
  const base = httpUrl('the URL', url)
  const isWhip = /whip/i.test(base.pathname)
  const isWhep = /whep/i.test(base.pathname)
  if (isWhip && isWhep) throw new UsageError(`${base.pathname} may be either; say --whip or --whep`)
  if (isWhip) return { whip: base.href, whep }
  if (isWhep) return { whip, whep: base.href }
  const path = base.pathname.replace(/\/$/, '')
  const endpoint = (protocol: string) => new URL(`${path}/${protocol}/conformance`, base).href
  return { whip: whip ?? endpoint('whip'), whep: whep ?? endpoint('whep') }
}

function httpUrl(origin: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new UsageError(`${origin} must be an http or https URL, not ${JSON.stringify(text)}`)
}
