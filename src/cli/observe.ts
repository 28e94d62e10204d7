/** What looks on at the command's server: webhooks, metrics and probes, the admin API, the dashboard. */
import type { ClusterStats } from '../cluster/index.js'
import type { Sfu } from '../index.js'
import { health, metrics } from '../metrics/index.js'
import { adminApi, type SignalingHandler, webhooks } from '../signaling/index.js'
import { dashboardApi } from './dashboard/dashboard-api.js'
import { DashboardHistory } from './dashboard/dashboard-history.js'
import type { ServeCommand } from './parse-arguments.js'

/** How long the last webhooks may take. */
const WEBHOOK_CLOSE_MS = 2000

/** What {@link observe} has made. */
export interface Observers {
  /** Served beside the rest. */
  readonly handlers: readonly SignalingHandler[]
  /** Answers the dashboard; undefined where there is none. */
  readonly dashboard: SignalingHandler | undefined
  /** Begins to take samples. */
  start(): void
  /** No more samples. */
  stop(): void
  /** Lets the last webhooks go out; for after the end of the server, so that they tell of it. */
  close(): Promise<void>
}

/** Makes what the command asks for. `cluster` gives the node's figures, once there is one. */
export function observe(sfu: Sfu, command: ServeCommand, cluster: () => ClusterStats | undefined): Observers {
  const { adminKey, dashboard: access = 'local' } = command.access
  const hasDashboard = access !== 'off'
  const tellsHealth = command.webhook?.events?.includes('session-health') === true
  const monitor = hasDashboard || tellsHealth ? health(sfu) : undefined
  const hooks = command.webhook && webhooks(sfu, { ...command.webhook, health: tellsHealth ? monitor : undefined })
  const history = hasDashboard ? new DashboardHistory(sfu) : undefined
  const handlers: SignalingHandler[] = []
  if (adminKey !== undefined) handlers.push(adminApi(sfu, { key: adminKey }))
  if (command.metrics) {
    const node = command.cluster && { stats: cluster }
    handlers.push(metrics(sfu, { ...command.metrics, health: monitor, cluster: node }).handler)
  }
  const looks = { healthOf: (id: string) => monitor?.of(id), cluster }
  return {
    handlers,
    dashboard: history && dashboardApi(sfu, { adminKey, openToLocal: access === 'local', ...looks, history }),
    start: () => history?.start(),
    stop: () => history?.close(),
    close: async () => hooks?.close(WEBHOOK_CLOSE_MS),
  }
}
