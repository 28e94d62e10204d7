/** The near side of a shard in a worker thread: calls become messages, and a thread that dies rejects what was waiting. */
import { type MessagePort, type TransferListItem, Worker, type WorkerOptions } from 'node:worker_threads'
import { BroadcastError } from '../errors.js'
import { isKoffiInstalled } from '../transport/native/koffi-library.js'
import { whyNoNativePath } from '../transport/native/native-platform.js'
import { createLog } from '../util/log.js'
import type { NativeChoice } from './engine-config.js'
import type { FeedOrigin, Origin } from './origin-table.js'
import type {
  AddShardViewerRequest,
  ShardApi,
  ShardListener,
  ShardMethod,
  ShardNotice,
  ShardWorkerData,
} from './shard-api.js'
import type {
  AddPublisherRequest,
  BroadcastEngineStats,
  OfferPublisherRequest,
  OfferViewerRequest,
  PeerAnswer,
  PeerCloseReason,
  PeerOffer,
  PeerStats,
  ShardLoad,
  ShardStats,
  ShardSummary,
  TrickleResult,
  ViewerSettings,
} from './types.js'

const log = createLog('worker')

/**
 * Sizes of the young generation in MB. Encryption through `node:crypto` makes objects that have to be freed one by one: collected often, they cost a pause of
 * some milliseconds less each time and a third of the memory per viewer. Natively there are none, and what is collected that often is kept for longer than
 * it lives: a fifth more memory per viewer (both measured).
 */
const YOUNG_GENERATION_MB = { portable: 3, native: 12 } as const

/** Starts a thread; tests put their own in its place to get hold of it. */
export type WorkerStarter = (url: URL, options: WorkerOptions) => Worker

interface Waiting {
  resolve(value: unknown): void
  reject(error: BroadcastError): void
}

/** A shard in its own thread. */
export class WorkerShard implements ShardApi {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<void>
  #calls = 0
  #opened = false
  #ended = false

  private constructor(data: ShardWorkerData, listener: ShardListener, startWorker: WorkerStarter, onOpen: Waiting) {
    this.#worker = startWorker(new URL('./shard-worker.js', import.meta.url), {
      workerData: data,
      name: `manycast shard ${data.index}`,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB[likelyPath(data.config.native)] },
    })
    let death = 'the thread exited'
    this.#worker.on('message', (notices: readonly ShardNotice[]) => {
      for (const notice of notices) this.#onNotice(notice, listener, onOpen)
    })
    this.#worker.on('error', (error) => {
      death = error instanceof Error ? error.message : String(error)
      log('shard %d failed: %O', data.index, error)
    })
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        const error = new BroadcastError('engine-failed', `the thread of shard ${data.index} ended: ${death}`)
        onOpen.reject(error)
        for (const waiting of this.#waiting.values()) waiting.reject(error)
        this.#waiting.clear()
        const unexpected = this.#opened && !this.#ended
        this.#ended = true
        resolve()
        if (unexpected) listener.onDeath(death)
      })
    })
  }

  /** Starts a thread and opens its shard. Rejects with `socket-failed` or `engine-failed`. */
  static async open(
    data: ShardWorkerData,
    listener: ShardListener,
    startWorker: WorkerStarter = (url, options) => new Worker(url, options),
  ): Promise<WorkerShard> {
    let shard: WorkerShard | undefined
    try {
      await new Promise<unknown>((resolve, reject) => {
        shard = new WorkerShard(data, listener, startWorker, { resolve, reject })
      })
    } catch (error) {
      if (shard) {
        shard.#ended = true
        await shard.#worker.terminate()
      }
      throw error
    }
    return shard as unknown as WorkerShard
  }

  addPublisher(request: AddPublisherRequest): Promise<PeerAnswer> {
    return this.#call('addPublisher', [request])
  }

  addViewer(request: AddShardViewerRequest): Promise<PeerAnswer> {
    return this.#call('addViewer', [request])
  }

  offerPublisher(request: OfferPublisherRequest): Promise<PeerOffer> {
    return this.#call('offerPublisher', [request])
  }

  offerViewer(request: OfferViewerRequest): Promise<PeerOffer> {
    return this.#call('offerViewer', [request])
  }

  acceptAnswer(peerId: string, answer: string, feeds: readonly FeedOrigin[]): Promise<void> {
    return this.#call('acceptAnswer', [peerId, answer, feeds])
  }

  configureViewer(peerId: string, settings: ViewerSettings): Promise<void> {
    return this.#call('configureViewer', [peerId, settings])
  }

  trickle(peerId: string, fragment: string): Promise<TrickleResult> {
    return this.#call('trickle', [peerId, fragment])
  }

  closePeer(peerId: string, reason: PeerCloseReason): Promise<void> {
    return this.#call('closePeer', [peerId, reason])
  }

  setOrigin(broadcastId: string, feed: string, origin: Origin | undefined): Promise<void> {
    return this.#call('setOrigin', [broadcastId, feed, origin])
  }

  connectShard(index: number, port: MessagePort): Promise<void> {
    return this.#call('connectShard', [index, port], [port])
  }

  peerStats(peerId: string): Promise<PeerStats | undefined> {
    return this.#call('peerStats', [peerId])
  }

  broadcastStats(broadcastId: string): Promise<BroadcastEngineStats> {
    return this.#call('broadcastStats', [broadcastId])
  }

  removeBroadcast(broadcastId: string): Promise<void> {
    return this.#call('removeBroadcast', [broadcastId])
  }

  stats(): Promise<ShardStats> {
    return this.#call('stats', [])
  }

  lowerLayers(layers: number): Promise<void> {
    return this.#call('lowerLayers', [layers])
  }

  load(): Promise<ShardLoad> {
    return this.#call('load', [])
  }

  summary(broadcastIds: readonly string[]): Promise<ShardSummary> {
    return this.#call('summary', [broadcastIds])
  }

  async close(): Promise<void> {
    if (this.#ended) return this.#exited
    this.#ended = true
    await this.#call('close', [], [], true).catch((error) => log('close: %O', error))
    await this.#worker.terminate()
  }

  #call<T>(
    method: ShardMethod,
    args: readonly unknown[],
    transfer: TransferListItem[] = [],
    closing = false,
  ): Promise<T> {
    if (this.#ended && !closing) return Promise.reject(new BroadcastError('engine-failed', 'the shard has ended'))
    const call = ++this.#calls
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(call, { resolve: resolve as (value: unknown) => void, reject })
      this.#worker.postMessage({ call, method, args }, transfer)
    })
  }

  #onNotice(notice: ShardNotice, listener: ShardListener, onOpen: Waiting): void {
    if (notice.type === 'peer-state') return listener.onPeerState(notice.event)
    if (notice.type === 'layer') return listener.onLayer(notice.event)
    if (notice.type === 'speech') return listener.onSpeech(notice.speech)
    if (notice.type === 'ready') {
      this.#opened = true
      return onOpen.resolve(undefined)
    }
    if (notice.type === 'open-failed') return onOpen.reject(BroadcastError.fromJSON(notice.error))
    const waiting = this.#waiting.get(notice.call)
    this.#waiting.delete(notice.call)
    if (notice.type === 'result') waiting?.resolve(notice.value)
    else waiting?.reject(BroadcastError.fromJSON(notice.error))
  }
}

/** The path that a shard will take, as far as that is known before it tries. */
function likelyPath(native: NativeChoice): 'portable' | 'native' {
  const isNative = native !== 'off' && whyNoNativePath(process) === undefined && isKoffiInstalled()
  return isNative ? 'native' : 'portable'
}
