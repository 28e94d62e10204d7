/** Leave for what the pages ask the server, from the same function that the signaling adapters ask. */
import { adapterConfig } from '../signaling/adapter-options.js'
import { authorizationRequest } from '../signaling/admission.js'
import { askAuthorization } from '../signaling/authorization.js'
import type { HttpRequest } from '../signaling/http-request.js'
import type { Authorize } from '../signaling/index.js'

/** Resolves where `request` may do that to the broadcast, or to all of them; else it rejects with `unauthorized` or `forbidden`. */
export type Permit = (request: HttpRequest, action: 'view' | 'publish', broadcast?: string) => Promise<unknown>

/**
 * Makes a {@link Permit} of `authorize`; without it everything is permitted.
 *
 * @param tokenParameter see `AdapterOptions.tokenParameter`.
 */
export function permitOf(authorize: Authorize | undefined, tokenParameter?: string): Permit {
  const config = adapterConfig({ authorize, tokenParameter })
  return async (request, action, broadcast) =>
    askAuthorization(config.authorize, authorizationRequest(request, config, { action, broadcast }))
}
