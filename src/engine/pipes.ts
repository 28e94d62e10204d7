/** The pipes of one shard: what it feeds to other shards, and what it takes from them. */
import type { MessagePort } from 'node:worker_threads'
import type { MediaConfig } from '../media/types.js'
import { createLog } from '../util/log.js'
import type { Scheduler } from '../util/scheduler.js'
import type { Hub } from './hub.js'
import { PipeInlet } from './pipe-inlet.js'
import type { LayerAddress, PipeDelivery, PipedSource, PipeMessage, PipeRequest } from './pipe-messages.js'
import { PipeOutlet } from './pipe-outlet.js'
import type { PipeRingReader } from './pipe-ring.js'
import { PipeSink } from './pipe-sink.js'
import { PipeSource } from './pipe-source.js'
import type { TurnFanOut } from './turn-fan-out.js'
import type { PipeStats } from './types.js'

const log = createLog('pipes')

/** What the pipes need of the feeds of their shard. */
export interface PipesOwner {
  readonly scheduler: Scheduler
  readonly mediaConfig: MediaConfig
  /** How many bytes may wait for another shard. */
  readonly pipeQueueBytes: number
  /** See `ForwardedLayerOptions.fanOut`. */
  readonly fanOut?: TurnFanOut | undefined
  /** The hub of a feed, made if there is none. */
  hub(feedId: string): Hub
  /** A hub may have lost its last use. */
  releaseHub(feedId: string): void
}

interface Inflow {
  readonly shard: number
  source: PipeSource | undefined
  /** What the packets of the source are known by; 0 before the first. */
  channel: number
}

/** What joins this shard with another one. */
interface Link {
  readonly port: MessagePort
  readonly outlet: PipeOutlet
  readonly inlet: PipeInlet
  /** What goes there, by feed. */
  readonly outflows: Map<string, PipeSink>
  /** What comes from there, by channel. */
  readonly sources: Map<number, PipeSource>
}

/** Both ends of every pipe of a shard. */
export class Pipes {
  /** By shard. */
  readonly #links = new Map<number, Link>()
  /** By feed. */
  readonly #inflows = new Map<string, Inflow>()
  /** Of links that are no more. */
  #past: PipeStats = { droppedOut: 0, droppedIn: 0 }

  constructor(readonly owner: PipesOwner) {}

  /** What found no room between this shard and others. */
  stats(): PipeStats {
    let { droppedOut, droppedIn } = this.#past
    for (const { outlet, inlet } of this.#links.values()) {
      droppedOut += outlet.dropped
      droppedIn += inlet.dropped
    }
    return { droppedOut, droppedIn }
  }

  /** True while the feed goes to another shard or comes from one. */
  uses(feedId: string): boolean {
    if (this.#inflows.has(feedId)) return true
    for (const { outflows } of this.#links.values()) if (outflows.has(feedId)) return true
    return false
  }

  /** Talks to that shard over `port` from now on; a port that was there before belongs to a shard that has died. */
  connect(shard: number, port: MessagePort): void {
    this.#drop(shard)
    const { pipeQueueBytes, scheduler, fanOut } = this.owner
    const sources = new Map<number, PipeSource>()
    const inlet = new PipeInlet({
      onDelivery: (delivery) => this.#onDelivery(shard, delivery),
      onPacket: (ring, nowMs) => acceptPacket(sources, ring, nowMs),
      nowMs: () => scheduler.clock.nowMs(),
    })
    const outlet = new PipeOutlet((delivery, transfer) => port.postMessage(delivery, transfer), pipeQueueBytes, fanOut)
    this.#links.set(shard, { port, outlet, inlet, outflows: new Map(), sources })
    port.on('message', (message: PipeMessage) => this.#onMessage(shard, message))
    // The other end is gone with its thread, before there is another one in its place.
    port.on('close', () => {
      if (this.#links.get(shard)?.port === port) this.#drop(shard)
    })
  }

  /** Takes the feed from that shard. */
  subscribe(feedId: string, shard: number): void {
    if (this.#inflows.get(feedId)?.shard === shard) return
    this.unsubscribe(feedId)
    this.#inflows.set(feedId, { shard, source: undefined, channel: 0 })
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
    for (const shard of [...this.#links.keys()]) this.#drop(shard)
  }

  #request(shard: number, request: PipeRequest): void {
    this.#links.get(shard)?.port.postMessage(request)
  }

  #onMessage(shard: number, message: PipeMessage): void {
    switch (message.type) {
      case 'subscribe':
        return this.#feed(shard, message.feedId)
      case 'unsubscribe':
        return this.#starve(shard, message.feedId)
      case 'keyframe-request':
        this.#links
          .get(shard)
          ?.outflows.get(message.feedId)
          ?.requestKeyframe(message.sourceId, message, this.owner.scheduler.clock.nowMs())
        return
      default:
        this.#links.get(shard)?.inlet.accept(message)
    }
  }

  #feed(shard: number, feedId: string): void {
    const link = this.#links.get(shard)
    if (!link || link.outflows.has(feedId)) return
    log('feed %s now also goes to shard %d', feedId, shard)
    const sink = new PipeSink(feedId, link.outlet)
    link.outflows.set(feedId, sink)
    this.owner.hub(feedId).addSink(sink, this.owner.scheduler.clock.nowMs())
  }

  #starve(shard: number, feedId: string): void {
    const link = this.#links.get(shard)
    const sink = link?.outflows.get(feedId)
    if (!link || !sink) return
    link.outflows.delete(feedId)
    this.owner.hub(feedId).removeSink(sink, this.owner.scheduler.clock.nowMs())
    if (link.outflows.size === 0) link.outlet.rest()
    this.owner.releaseHub(feedId)
  }

  #onDelivery(shard: number, delivery: Exclude<PipeDelivery, { type: 'ring' }>): void {
    const sources = this.#links.get(shard)?.sources
    const nowMs = this.owner.scheduler.clock.nowMs()
    if (delivery.type === 'source') return this.#onSource(shard, delivery, nowMs)
    const source = sources?.get(delivery.channel)
    if (delivery.type === 'codec') source?.setCodec(delivery.index, delivery.codec)
    else source?.setCaptureClock(delivery, delivery.ntpUnixMs, delivery.rtpTimestamp, nowMs)
  }

  #onSource(shard: number, { feedId, channel, source }: PipeDelivery & { type: 'source' }, nowMs: number): void {
    const inflow = this.#inflows.get(feedId)
    // What was already on its way when the subscription ended or moved to another shard.
    if (inflow?.shard !== shard) return
    const before = inflow.source
    this.#forget(inflow)
    inflow.channel = channel
    inflow.source = source && this.#createSource(shard, feedId, source)
    if (inflow.source) this.#links.get(shard)?.sources.set(channel, inflow.source)
    this.owner.hub(feedId).setSource(inflow.source, nowMs)
    before?.close()
  }

  /** Packets of the source that are on their way find nobody. */
  #forget({ shard, channel }: Inflow): void {
    this.#links.get(shard)?.sources.delete(channel)
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
    this.#forget(inflow)
    const hub = this.owner.hub(feedId)
    if (inflow.source && hub.source === inflow.source) hub.setSource(undefined, this.owner.scheduler.clock.nowMs())
    inflow.source?.close()
  }

  #drop(shard: number): void {
    const link = this.#links.get(shard)
    if (!link) return
    for (const feedId of [...link.outflows.keys()]) this.#starve(shard, feedId)
    for (const [feedId, inflow] of [...this.#inflows]) {
      if (inflow.shard !== shard) continue
      this.#inflows.delete(feedId)
      this.#end(feedId, inflow)
      this.owner.releaseHub(feedId)
    }
    this.#past = this.stats()
    this.#links.delete(shard)
    link.outlet.close()
    link.inlet.close()
    link.port.close()
  }
}

function acceptPacket(sources: ReadonlyMap<number, PipeSource>, ring: PipeRingReader, nowMs: number): void {
  const { channel, track, layer, codecIndex, extSeq, buffer, start, end } = ring
  sources.get(channel)?.accept(track, layer, codecIndex, extSeq, buffer, start, end, nowMs)
}
