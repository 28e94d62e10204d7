/** Who gets to see the dashboard, and to press its buttons. */

import type { Authorize } from '../../signaling/index.js'
import { keyMatch } from '../../signaling/key-match.js'
import { isLocalRequest } from './local-request.js'

/** For whom it is. */
export interface DashboardAccess {
  /** The bearer token of administrators; undefined where there is none. */
  readonly adminKey?: string | undefined
  /** Whether requests of this machine itself need no key. */
  readonly openToLocal: boolean
}

/** The function that the dashboard's addresses ask. */
export function dashboardAuthorizer({ adminKey, openToLocal }: DashboardAccess): Authorize {
  const isKey = adminKey === undefined ? () => false : keyMatch('key', adminKey)
  return (request) => {
    if (isKey(request.token)) return {}
    // Who shows a wrong key is told so, wherever it comes from.
    return openToLocal && request.token === undefined && isLocalRequest(request) ? {} : undefined
  }
}
