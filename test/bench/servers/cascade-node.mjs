/**
 * One node of a cascade: an Sfu in one thread behind WHIP and WHEP. `--pull url` gets the broadcast `live` of another one, `--sfu` has further options
 * as JSON.
 */
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Sfu } from '../../../dist/index.js'
import { nodeHttp, whipWhep } from '../../../dist/signaling/index.js'
import { announceReady } from '../ipc.mjs'

const { values } = parseArgs({ options: { pull: { type: 'string' }, sfu: { type: 'string', default: '{}' } } })

const sfu = new Sfu({ workers: 0, listenIps: '127.0.0.1', ...JSON.parse(values.sfu) })
await sfu.ready()
const server = createServer(nodeHttp(whipWhep(sfu)))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
if (values.pull !== undefined) await sfu.broadcast('live').pull(values.pull).whenConnected()
announceReady({ port: server.address().port })
process.once('SIGTERM', async () => {
  server.closeAllConnections()
  server.close()
  await sfu.close()
  process.exit(0)
})
