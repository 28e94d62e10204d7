/** What the dashboard page asks the server: one address for everything that it shows, and the admin API for what its buttons do. */
import type { ClusterStats } from '../../cluster/index.js'
import type { SessionHealth } from '../../metrics/index.js'
import { adapterConfig } from '../../signaling/adapter-options.js'
import { listPage } from '../../signaling/admin/list-page.js'
import { authorizationRequest } from '../../signaling/admission.js'
import { askAuthorization } from '../../signaling/authorization.js'
import { type HttpHandler, httpHandler, signalingHandler } from '../../signaling/handler.js'
import { type HttpRequest, requestUrl } from '../../signaling/http-request.js'
import { adminApi, compose, type SignalingHandler } from '../../signaling/index.js'
import { methodNotAllowed, problemResponse, textResponse } from '../../signaling/responses.js'
import { packageVersion } from '../version.js'
import { clusterView } from './cluster-view.js'
import { type DashboardAccess, dashboardAuthorizer } from './dashboard-access.js'
import type { DashboardHistory } from './dashboard-history.js'
import type { DashboardBroadcast, DashboardTarget } from './dashboard-target.js'
import { sessionRow } from './session-row.js'

const DATA = '/dashboard/data'
const ADMIN = '/dashboard/api'
/** Lines of a table in one reply. */
const MAX_ROWS = 200
const DEFAULT_ROWS = 50

/** What the dashboard is made of, besides the Sfu. */
export interface DashboardParts extends DashboardAccess {
  readonly history: DashboardHistory
  /** How the session of an id does; undefined where nobody has looked yet. */
  readonly healthOf?: ((sessionId: string) => SessionHealth | undefined) | undefined
  /** What this server knows of its cluster; undefined where it is in none. */
  readonly cluster?: (() => ClusterStats | undefined) | undefined
}

/**
 * `GET /dashboard/data`: figures, samples, broadcasts and sessions as JSON. Parameters: `broadcast` (samples and sessions of one of them), `since` (samples
 * later than this Unix time in milliseconds), `broadcastOffset` and `sessionOffset` with `limit` (a part of the tables, 200 lines at most).
 * Everything below `/dashboard/api` is the admin API, open to the same people.
 */
export function dashboardApi(target: DashboardTarget, parts: DashboardParts): SignalingHandler {
  const authorize = dashboardAuthorizer(parts)
  const config = adapterConfig({ authorize })
  const startedAtMs = Math.round(Date.now())
  const admin = adminApi(target, { pathPrefix: ADMIN, authorize })
  const data: HttpHandler = async (request) => {
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(request, 'GET, HEAD')
      await askAuthorization(authorize, authorizationRequest(request, config, { action: 'admin' }))
      const value = { version: packageVersion(), startedAtMs, ...(await dashboardData(target, parts, request)) }
      return textResponse(200, 'application/json', JSON.stringify(value))
    } catch (error) {
      return problemResponse(error)
    }
  }
  const both = compose(
    signalingHandler(({ pathname }) => pathname === DATA, data),
    admin,
  )
  return signalingHandler((url) => url.pathname === DATA || admin.knows(url), httpHandler(both))
}

async function dashboardData(
  target: DashboardTarget,
  { history, healthOf, cluster }: DashboardParts,
  request: HttpRequest,
): Promise<object> {
  const { searchParams } = requestUrl(request)
  const broadcast = searchParams.get('broadcast') ?? undefined
  const since = Number(searchParams.get('since') ?? Number.NaN)
  const { load, intervalMs, windowMs } = history
  const broadcasts = target.broadcasts()
  const stats = cluster?.()
  const infos = target.sessions().map((session) => session.info())
  const wanted = infos.filter((info) => broadcast === undefined || info.broadcast === broadcast)
  // Publishers first, and else as they came.
  wanted.sort((a, b) => Number(a.role === 'viewer') - Number(b.role === 'viewer'))
  const listed = part(wanted, searchParams, 'sessionOffset')
  const rows = await Promise.all(
    listed.items.map(async (info) => {
      const counted = await target
        .session(info.id)
        ?.stats()
        .catch(() => undefined)
      return sessionRow(info, counted, healthOf?.(info.id))
    }),
  )
  return {
    atMs: Math.round(Date.now()),
    intervalMs,
    windowMs,
    ...(broadcast === undefined ? {} : { broadcast }),
    ...history.read(Number.isFinite(since) ? since : Number.NEGATIVE_INFINITY, broadcast),
    sessionsOfAll: infos.length,
    ...(load === undefined ? {} : { load }),
    ...(target.drain === undefined ? {} : { draining: target.draining ?? false }),
    broadcasts: broadcastTable(broadcasts, history, searchParams),
    sessions: { total: listed.total, items: rows },
    ...(stats === undefined ? {} : { cluster: clusterView(stats) }),
  }
}

/** The largest first. */
function broadcastTable(
  broadcasts: readonly DashboardBroadcast[],
  history: DashboardHistory,
  parameters: URLSearchParams,
): unknown {
  const rows = broadcasts.map(({ name, live, publishers, viewerCount }) => ({
    name,
    live,
    publishers: publishers.length,
    viewers: viewerCount,
  }))
  rows.sort((a, b) => b.viewers - a.viewers || b.publishers - a.publishers || (a.name < b.name ? -1 : 1))
  const { total, items } = part(rows, parameters, 'broadcastOffset')
  return { total, items: items.map((row) => ({ ...history.newest(row.name), ...row })) }
}

function part<Item>(list: readonly Item[], parameters: URLSearchParams, offset: string) {
  const wanted = { offset: parameters.get(offset) ?? '0', limit: parameters.get('limit') ?? String(DEFAULT_ROWS) }
  return listPage(list, new URLSearchParams(wanted), MAX_ROWS)
}
