/** Manycast as a user writes it: an Sfu behind WHIP and WHEP, with its metrics. `--workers n` sets the threads, `PORT` the HTTP port. */
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Sfu } from '../../../dist/index.js'
import { metrics } from '../../../dist/metrics/index.js'
import { compose, nodeHttp, whipWhep } from '../../../dist/signaling/index.js'
import { announceReady } from '../ipc.mjs'
import { answerUsageRequests } from './usage.mjs'

const { values } = parseArgs({ options: { workers: { type: 'string', default: '1' } } })
const workers = values.workers === 'auto' ? 'auto' : Number(values.workers)

const sfu = new Sfu({ workers, listenIps: '127.0.0.1', overload: false })
await sfu.ready()
const server = createServer(nodeHttp(compose(metrics(sfu).handler, whipWhep(sfu))))
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const { port } = server.address()
  if (process.connected) answerUsageRequests({ native })
  else console.log(`http://127.0.0.1:${port}/whip/live /whep/live`)
  announceReady({ port })
})
process.once('SIGTERM', async () => {
  server.closeAllConnections()
  server.close()
  await sfu.close()
  process.exit(0)
})

/** What of the first shard is native, as its statistics say it. */
async function native() {
  const [shard] = (await sfu.stats()).shards
  return shard?.native
}
