#!/usr/bin/env node
/** The `manycast` command. */
import { BroadcastError, Sfu } from '../index.js'
import { health, metrics } from '../metrics/index.js'
import { adminApi, webhooks } from '../signaling/index.js'
import { closeOnSignal, exitWith } from './close-on-signal.js'
import { runConformance } from './conformance/run-conformance.js'
import { dashboardApi } from './dashboard/dashboard-api.js'
import { DashboardHistory } from './dashboard/dashboard-history.js'
import { type JoinedCluster, joinCluster } from './join-cluster.js'
import { parseArguments, type ServeCommand } from './parse-arguments.js'
import { playFiles } from './play-files.js'
import { ProgressLine } from './progress-line.js'
import { recordBroadcasts } from './record-broadcasts.js'
import { runRelays } from './run-relays.js'
import { type RunningServer, serve } from './serve.js'
import { startupLines } from './startup-lines.js'
import { takeRtp } from './take-rtp.js'
import { USAGE } from './usage.js'
import { UsageError } from './usage-error.js'
import { packageVersion } from './version.js'

/** How long the last webhooks may take. */
const WEBHOOK_CLOSE_MS = 2000

const EXIT_FAILED = 1
const EXIT_USAGE = 2

async function main(): Promise<void> {
  const command = parseArguments(process.argv.slice(2), process.env)
  if (command.name === 'help') process.stdout.write(USAGE)
  else if (command.name === 'version') process.stdout.write(`${packageVersion()}\n`)
  else if (command.name === 'conformance') {
    const passed = await runConformance(command, (text) => process.stdout.write(text))
    process.exitCode = passed ? 0 : EXIT_FAILED
  } else await runServer(command)
}

async function runServer(command: ServeCommand): Promise<void> {
  const sfu = new Sfu(command.sfu)
  const { adminKey, dashboard = 'local' } = command.access
  const hasDashboard = dashboard !== 'off'
  const tellsHealth = command.webhook?.events?.includes('session-health') === true
  const monitor = hasDashboard || tellsHealth ? health(sfu) : undefined
  const hooks = command.webhook && webhooks(sfu, { ...command.webhook, health: tellsHealth ? monitor : undefined })
  let node: JoinedCluster | undefined
  const measured =
    command.metrics &&
    metrics(sfu, { ...command.metrics, health: monitor, cluster: command.cluster && { stats: () => node?.stats() } })
  const line = new ProgressLine(process.stdout)
  const { record, cluster } = command
  const history = hasDashboard ? new DashboardHistory(sfu) : undefined
  const recordings = record && recordBroadcasts(sfu, record, (text) => process.stdout.write(text))
  let server: RunningServer | undefined
  let rtpLines = ''
  const access = { adminKey, openToLocal: dashboard === 'local' }
  const looks = { healthOf: (id: string) => monitor?.of(id), cluster: () => node?.stats() }
  try {
    server = await serve(sfu, {
      ...command,
      cluster:
        cluster &&
        (async (authorize) => {
          node = await joinCluster(sfu, cluster, authorize)
          return node
        }),
      mediaTcp: command.sfu.iceTcp !== false,
      ...(record && recordings && { recordings: { dir: record.dir, ...recordings } }),
      handlers: [
        ...(adminKey === undefined ? [] : [adminApi(sfu, { key: adminKey })]),
        ...(measured === undefined ? [] : [measured.handler]),
      ],
      ...(history && { dashboard: dashboardApi(sfu, { ...access, ...looks, history }) }),
    })
    if (command.rtpIn) rtpLines = await takeRtp(sfu, command.rtpIn)
    if (command.play) await playFiles(sfu, command.play, line)
    if (command.relays) runRelays(sfu, command.relays, (text) => line.say(text))
  } catch (error) {
    await (server ?? sfu).close()
    throw error
  }
  const running = server
  history?.start()
  line.say(`${startupLines(running)}${rtpLines}`)
  closeOnSignal({
    drainSeconds: command.drainSeconds,
    drain: (deadlineMs) => sfu.drain({ deadlineMs }),
    async close() {
      line.end()
      await recordings?.close()
      history?.close()
      await running.close()
      await hooks?.close(WEBHOOK_CLOSE_MS)
    },
  })
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`manycast: ${error.message}\nTry: manycast --help\n`)
    process.exit(EXIT_USAGE)
  }
  exitWith(error, error instanceof BroadcastError && error.code === 'option-invalid' ? EXIT_USAGE : EXIT_FAILED)
})
