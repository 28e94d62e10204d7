/** The pipes of one shard: what it feeds to other shards, and what it takes from them. */
import type { MessagePort } from 'node:worker_threads'
import type { FanOutQueue } from '../media/fan-out.js'
import type { MediaConfig } from '../media/types.js'
import { createLog } from '../util/log.js'
import type { Scheduler } from '../util/scheduler.js'
import type { Hub } from './hub.js'
import type { LayerAddress, PipeDelivery, PipedSource, PipeMessage, PipeRequest } from './pipe-messages.js'
import { PipeSink } from './pipe-sink.js'
import { PipeSource } from './pipe-source.js'

const log = createLog('pipes')

/** What the pipes need of the feeds of their shard. */
export interface PipesOwner {
  readonly scheduler: Scheduler
  readonly mediaConfig: MediaConfig
  /** See `ForwardedLayerOptions.fanOut`. */
  readonly fanOut?: FanOutQueue | undefined
  /** The hub of a feed, made if there is none. */
  hub(feedId: string): Hub
  /** A hub may have lost its last use. */
  releaseHub(feedId: string): void
}

interface Inflow {
  readonly shard: number
  source: PipeSource | undefined
}

/** Both ends of every pipe of a shard. */
export class Pipes {
  readonly #ports = new Map<number, MessagePort>()
  /** By shard, then feed. */
  readonly #outflows = new Map<number, Map<string, PipeSink>>()
  /** By feed. */
  readonly #inflows = new Map<string, Inflow>()

  constructor(readonly owner: PipesOwner) {}

  /** True while the feed goes to another shard or comes from one. */
  uses(feedId: string): boolean {
    if (this.#inflows.has(feedId)) return true
    for (const sinks of this.#outflows.values()) if (sinks.has(feedId)) return true
    return false
  }

  /** Talks to that shard over `port` from now on; a port that was there before belongs to a shard that has died. */
  connect(shard: number, port: MessagePort): void {
    this.#drop(shard)
    this.#ports.set(shard, port)
    this.#outflows.set(shard, new Map())
    port.on('message', (message: PipeMessage) => this.#onMessage(shard, message))
  }

  /** Takes the feed from that shard. */
  subscribe(feedId: string, shard: number): void {
    if (this.#inflows.get(feedId)?.shard === shard) return
    this.unsubscribe(feedId)
    this.#inflows.set(feedId, { shard, source: undefined })
    this.#request(shard, { type: 'subscribe', feedId })
  }

  /** Takes the feed from nowhere else. */
  unsubscribe(feedId: string): void {
    const inflow = this.#inflows.get(feedId)
    if (!inflow) return
    this.#inflows.delete(feedId)
    this.#end(feedId, inflow)
    this.#request(inflow.shard, { type: 'unsubscribe', feedId })
  }

  /** Ends every pipe. */
  close(): void {
    for (const shard of [...this.#ports.keys()]) this.#drop(shard)
  }

  #request(shard: number, request: PipeRequest): void {
    this.#ports.get(shard)?.postMessage(request)
  }

  #onMessage(shard: number, message: PipeMessage): void {
    switch (message.type) {
      case 'subscribe':
        return this.#feed(shard, message.feedId)
      case 'unsubscribe':
        return this.#starve(shard, message.feedId)
      case 'keyframe-request':
        this.#outflows
          .get(shard)
          ?.get(message.feedId)
          ?.requestKeyframe(message.sourceId, message, this.owner.scheduler.clock.nowMs())
        return
      default:
        return this.#onDelivery(shard, message)
    }
  }

  #feed(shard: number, feedId: string): void {
    const sinks = this.#outflows.get(shard)
    const port = this.#ports.get(shard)
    if (!sinks || !port || sinks.has(feedId)) return
    log('feed %s now also goes to shard %d', feedId, shard)
    const sink = new PipeSink(feedId, (delivery, transfer) => port.postMessage(delivery, transfer))
    sinks.set(feedId, sink)
    this.owner.hub(feedId).addSink(sink, this.owner.scheduler.clock.nowMs())
  }

  #starve(shard: number, feedId: string): void {
    const sink = this.#outflows.get(shard)?.get(feedId)
    if (!sink) return
    this.#outflows.get(shard)?.delete(feedId)
    this.owner.hub(feedId).removeSink(sink, this.owner.scheduler.clock.nowMs())
    this.owner.releaseHub(feedId)
  }

  #onDelivery(shard: number, delivery: PipeDelivery): void {
    const inflow = this.#inflows.get(delivery.feedId)
    // What was already on its way when the subscription ended or moved to another shard.
    if (inflow?.shard !== shard) return
    const nowMs = this.owner.scheduler.clock.nowMs()
    if (delivery.type === 'source') {
      const hub = this.owner.hub(delivery.feedId)
      const before = inflow.source
      inflow.source = delivery.source && this.#createSource(shard, delivery.feedId, delivery.source)
      hub.setSource(inflow.source, nowMs)
      before?.close()
      return
    }
    const { source } = inflow
    if (!source || source.id !== delivery.sourceId) return
    if (delivery.type === 'codec') source.setCodec(delivery.index, delivery.codec)
    else if (delivery.type === 'packets') source.accept(delivery.batch, nowMs)
    else source.setCaptureClock(delivery, delivery.ntpUnixMs, delivery.rtpTimestamp, nowMs)
  }

  #createSource(shard: number, feedId: string, source: PipedSource): PipeSource {
    const { mediaConfig, scheduler, fanOut } = this.owner
    // The publisher's own shard asks at the interval; here every viewer's wish is passed on only.
    const config = { ...mediaConfig, keyframeIntervalMs: 0 }
    const request = ({ track, layer }: LayerAddress): void =>
      this.#request(shard, { type: 'keyframe-request', feedId, sourceId: source.id, track, layer })
    return new PipeSource(source, config, scheduler, request, fanOut)
  }

  #end(feedId: string, inflow: Inflow): void {
    const hub = this.owner.hub(feedId)
    if (inflow.source && hub.source === inflow.source) hub.setSource(undefined, this.owner.scheduler.clock.nowMs())
    inflow.source?.close()
  }

  #drop(shard: number): void {
    const port = this.#ports.get(shard)
    if (!port) return
    for (const feedId of [...(this.#outflows.get(shard)?.keys() ?? [])]) this.#starve(shard, feedId)
    for (const [feedId, inflow] of [...this.#inflows]) {
      if (inflow.shard !== shard) continue
      this.#inflows.delete(feedId)
      this.#end(feedId, inflow)
      this.owner.releaseHub(feedId)
    }
    this.#outflows.delete(shard)
    this.#ports.delete(shard)
    port.close()
  }
}
