/** `manycast serve`, from its arguments to its end. */
import { Sfu } from '../index.js'
import { closeOnSignal } from './close-on-signal.js'
import { type JoinedCluster, joinCluster } from './join-cluster.js'
import { observe } from './observe.js'
import type { ServeCommand } from './parse-arguments.js'
import { playFiles } from './play-files.js'
import { ProgressLine } from './progress-line.js'
import { recordBroadcasts } from './record-broadcasts.js'
import { runRelays } from './run-relays.js'
import { type RunningServer, type ServeOptions, serve } from './serve.js'
import { startupLines } from './startup-lines.js'
import { takeRtp } from './take-rtp.js'

/** Serves until a signal ends it. Rejects with a message for people if it cannot start. */
export async function runServer(command: ServeCommand): Promise<void> {
  const { record, cluster } = command
  const sfu = new Sfu(command.sfu)
  const line = new ProgressLine(process.stdout)
  const recordings = record && recordBroadcasts(sfu, record, (text) => process.stdout.write(text))
  let node: JoinedCluster | undefined
  const observers = observe(sfu, command, () => node?.stats())
  const join: ServeOptions['cluster'] =
    cluster &&
    (async (authorize) => {
      node = await joinCluster(sfu, cluster, authorize)
      return node
    })
  let server: RunningServer | undefined
  let rtpLines = ''
  try {
    server = await serve(sfu, {
      ...command,
      cluster: join,
      mediaTcp: command.sfu.iceTcp !== false,
      handlers: observers.handlers,
      ...(record && recordings && { recordings: { dir: record.dir, ...recordings } }),
      ...(observers.dashboard && { dashboard: observers.dashboard }),
    })
    if (command.rtpIn) rtpLines = await takeRtp(sfu, command.rtpIn)
    if (command.play) await playFiles(sfu, command.play, line)
    if (command.relays) runRelays(sfu, command.relays, (text) => line.say(text))
  } catch (error) {
    await (server ?? sfu).close()
    throw error
  }
  const running = server
  observers.start()
  line.say(`${startupLines(running)}${rtpLines}`)
  closeOnSignal({
    drainSeconds: command.drainSeconds,
    drain: (deadlineMs) => sfu.drain({ deadlineMs }),
    async close() {
      line.end()
      await recordings?.close()
      observers.stop()
      await running.close()
      await observers.close()
    },
  })
}
