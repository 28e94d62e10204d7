/** The entry of a worker thread: one shard behind a message port. */
import { parentPort, workerData } from 'node:worker_threads'
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'
import { Shard } from './shard.js'
import type { ShardCall, ShardEvents, ShardNotice, ShardWorkerData } from './shard-api.js'
import { setThreadNice } from './thread-nice.js'

const port = parentPort
if (!port) throw new Error('shard-worker runs in a worker thread only')

const log = createLog('worker')
const tell = (notice: ShardNotice) => port.postMessage(notice)

try {
  const { index, config } = workerData as ShardWorkerData
  const listener: ShardEvents = {
    onPeerState: (event) => tell({ type: 'peer-state', event }),
    onLayer: (event) => tell({ type: 'layer', event }),
    onSpeech: (speech) => tell({ type: 'speech', speech }),
  }
  const shard = await Shard.open({ index, config, listener })
  // Not before: threads for files and keys that are begun from here inherit it.
  if (config.workerNice !== 0) {
    const refused = setThreadNice(config.workerNice)
    if (refused !== undefined) log('shard %d has no precedence: %s', index, refused)
  }
  port.on('message', async ({ call, method, args }: ShardCall) => {
    try {
      const value = await (shard[method] as (...args: readonly unknown[]) => unknown)(...args)
      tell({ type: 'result', call, value })
    } catch (error) {
      tell({ type: 'error', call, error: BroadcastError.from(error).toJSON() })
    }
    // With the shard gone nothing is left to do here; the port alone would keep the thread.
    if (method === 'close') port.close()
  })
  tell({ type: 'ready' })
} catch (error) {
  tell({ type: 'open-failed', error: BroadcastError.from(error).toJSON() })
}
