/** An HTTP API for administrators: who is there, how it goes, and out with them. `docs/admin.md` has examples. */
import { BroadcastError } from '../../errors.js'
import { type AdapterConfig, type AdapterOptions, adapterConfig, pathOption } from '../adapter-options.js'
import { authorizationRequest } from '../admission.js'
import { askAuthorization, unauthorized } from '../authorization.js'
import { bearerToken } from '../bearer-token.js'
import { isPreflight, withCors } from '../cors.js'
import { type SignalingHandler, signalingHandler } from '../handler.js'
import type { HttpReply } from '../http-reply.js'
import { type HttpRequest, requestUrl } from '../http-request.js'
import { type KeyMatch, keyMatch } from '../key-match.js'
import { emptyResponse, problemResponse } from '../responses.js'
import { type AdminPath, adminPath, adminRoutes } from './admin-routes.js'
import type { AdminTarget } from './admin-target.js'

/** Options of {@link adminApi}. One of `key` and `authorize` is needed; with both, either opens. */
export interface AdminApiOptions
  extends Pick<AdapterOptions, 'authorize' | 'tokenParameter' | 'clientAddress' | 'cors'> {
  /** The bearer token of administrators, at least 16 characters. */
  readonly key?: string | undefined
  /** The path that everything is below; default '/admin'. */
  readonly pathPrefix?: string | undefined
}

/**
 * A Fetch handler for the admin API of an `Sfu`: `GET /admin/stats`, `/admin/broadcasts`, `/admin/broadcasts/:name`, `/admin/sessions`,
 * `/admin/sessions/:id`, each of the last two pairs with `/stats` and `DELETE`. Every request needs the key, or what `authorize` grants for the
 * action `admin`. Pages of other origins may not call it, unless `cors` says so.
 *
 * The handler never rejects. Throws `option-invalid`, also if there is neither key nor `authorize`.
 *
 * @example
 * ```ts
 * const handler = compose(whipWhep(sfu), adminApi(sfu, { key: process.env.ADMIN_KEY }))
 * ```
 */
export function adminApi(target: AdminTarget, options: AdminApiOptions): SignalingHandler {
  const { key, authorize } = options
  if (key === undefined && authorize === undefined) {
    throw new BroadcastError('option-invalid', 'option key: the admin API needs a key, or an authorize function', {
      details: { option: 'key' },
    })
  }
  const prefix = `${pathOption('pathPrefix', options.pathPrefix, '/admin')}/`
  const config = adapterConfig({ ...options, cors: options.cors ?? false })
  const isKey = key === undefined ? () => false : keyMatch('key', key)

  const handle = async (request: HttpRequest): Promise<HttpReply> => {
    let response: HttpReply
    try {
      const path = adminPath(requestUrl(request).pathname.slice(prefix.length))
      if (isPreflight(request)) {
        response = emptyResponse(204)
      } else {
        await admit(request, path, config, isKey)
        response = await adminRoutes(target, request, path)
      }
    } catch (error) {
      response = problemResponse(error)
    }
    return withCors(response, request, config.cors)
  }
  return signalingHandler((url) => url.pathname.startsWith(prefix), handle)
}

async function admit(request: HttpRequest, path: AdminPath, config: AdapterConfig, isKey: KeyMatch): Promise<void> {
  const token = bearerToken(request, config.tokenParameter)
  if (isKey(token)) return
  if (config.authorize === undefined) throw unauthorized(token)
  const { list, item } = path
  const about = list === 'broadcasts' ? { broadcast: item } : list === 'sessions' && item ? { sessionId: item } : {}
  await askAuthorization(config.authorize, authorizationRequest(request, config, { action: 'admin', ...about }))
}
