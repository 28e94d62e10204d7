/** `/metrics`, `/healthz` and `/readyz` over HTTP. */
import { unauthorized } from '../signaling/authorization.js'
import { bearerToken } from '../signaling/bearer-token.js'
import { type SignalingHandler, signalingHandler } from '../signaling/handler.js'
import type { HttpReply } from '../signaling/http-reply.js'
import { type HttpRequest, requestUrl } from '../signaling/http-request.js'
import type { KeyMatch } from '../signaling/key-match.js'
import { emptyResponse, methodNotAllowed, problemResponse, textResponse } from '../signaling/responses.js'
import { negotiateFormat } from './negotiate-format.js'
import type { ProbeResult } from './probes.js'
import { CONTENT_TYPES, type MetricsFormat } from './write-text.js'

/** What the handler answers with. */
export interface MetricsHandlerParts {
  /** Where each is. */
  readonly paths: { readonly metrics: string; readonly healthz: string; readonly readyz: string }
  /** Whether a token opens `/metrics`; undefined lets everybody in. */
  readonly isToken: KeyMatch | undefined
  text(format: MetricsFormat): Promise<string>
  alive(): Promise<ProbeResult>
  ready(): Promise<ProbeResult>
}

const METHODS = 'GET, HEAD, OPTIONS'

/** Makes the handler; it never rejects. */
export function metricsHandler({ paths, isToken, text, alive, ready }: MetricsHandlerParts): SignalingHandler {
  const answer = async (request: HttpRequest): Promise<HttpReply> => {
    const { pathname } = requestUrl(request)
    if (request.method === 'OPTIONS') return emptyResponse(204, { allow: METHODS })
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(request, METHODS)
    if (pathname === paths.healthz) return probeResponse(await alive())
    if (pathname === paths.readyz) return probeResponse(await ready())
    if (isToken !== undefined) checkToken(request, isToken)
    const format = negotiateFormat(request.headers.get('accept'))
    return textResponse(200, CONTENT_TYPES[format], await text(format), { vary: 'accept' })
  }
  const known = new Set(Object.values(paths))
  return signalingHandler(
    ({ pathname }) => known.has(pathname),
    async (request) => {
      try {
        return await answer(request)
      } catch (error) {
        return problemResponse(error)
      }
    },
  )
}

function checkToken(request: HttpRequest, isToken: KeyMatch): void {
  const token = bearerToken(request, undefined)
  if (!isToken(token)) throw unauthorized(token)
}

function probeResponse({ ok, reasons }: ProbeResult): HttpReply {
  return textResponse(ok ? 200 : 503, 'application/json', JSON.stringify({ ok, reasons }))
}
