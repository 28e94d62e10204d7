#!/usr/bin/env node
/** The `manycast` command. */
import { BroadcastError, Sfu } from '../index.js'
import { health, metrics } from '../metrics/index.js'
import { adminApi, webhooks } from '../signaling/index.js'
import { runConformance } from './conformance/run-conformance.js'
import { dashboardApi } from './dashboard/dashboard-api.js'
import { DashboardHistory } from './dashboard/dashboard-history.js'
import { parseArguments, type ServeCommand } from './parse-arguments.js'
import { playFiles } from './play-files.js'
import { ProgressLine } from './progress-line.js'
import { recordBroadcasts } from './record-broadcasts.js'
import { type RunningServer, serve } from './serve.js'
import { startupLines } from './startup-lines.js'
import { takeRtp } from './take-rtp.js'
import { USAGE } from './usage.js'
import { UsageError } from './usage-error.js'
import { packageVersion } from './version.js'

/** Sessions and connections that are not gone by then are not worth waiting for. */
const CLOSE_TIMEOUT_MS = 5000
/** How long the last webhooks may take, within that. */
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
  const measured = command.metrics && metrics(sfu, command.metrics)
  const line = new ProgressLine(process.stdout)
  const { record } = command
  const history = hasDashboard ? new DashboardHistory(sfu) : undefined
  const recordings = record && recordBroadcasts(sfu, record, (text) => process.stdout.write(text))
  let server: RunningServer | undefined
  let rtpLines = ''
  const access = { adminKey, openToLocal: dashboard === 'local' }
  try {
    server = await serve(sfu, {
      ...command,
      mediaTcp: command.sfu.iceTcp !== false,
      ...(record && recordings && { recordings: { dir: record.dir, ...recordings } }),
      handlers: [
        ...(adminKey === undefined ? [] : [adminApi(sfu, { key: adminKey })]),
        ...(measured === undefined ? [] : [measured.handler]),
      ],
      ...(history && { dashboard: dashboardApi(sfu, { ...access, history, healthOf: (id) => monitor?.of(id) }) }),
    })
    if (command.rtpIn) rtpLines = await takeRtp(sfu, command.rtpIn)
    if (command.play) await playFiles(sfu, command.play, line)
  } catch (error) {
    await (server ?? sfu).close()
    throw error
  }
  const running = server
  history?.start()
  line.say(`${startupLines(running)}${rtpLines}`)
  closeOnSignal(async () => {
    line.end()
    await recordings?.close()
    history?.close()
    await running.close()
    await hooks?.close(WEBHOOK_CLOSE_MS)
  })
}

/** The first signal closes in good order with exit code 0, the second one at once. */
function closeOnSignal(close: () => Promise<void>): void {
  let closing = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (closing) process.exit(signal === 'SIGINT' ? 130 : 143)
    closing = true
    process.stdout.write(`\n${signal}: closing. Once more to force it.\n`)
    setTimeout(() => exitWith(new Error('closing took too long'), EXIT_FAILED), CLOSE_TIMEOUT_MS).unref()
    close().then(
      () => process.exit(0),
      (error: unknown) => exitWith(error, EXIT_FAILED),
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

function exitWith(error: unknown, code: number): void {
  process.stderr.write(`manycast: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(code)
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`manycast: ${error.message}\nTry: manycast --help\n`)
    process.exit(EXIT_USAGE)
  }
  exitWith(error, error instanceof BroadcastError && error.code === 'option-invalid' ? EXIT_USAGE : EXIT_FAILED)
})
