/** `rtpSink`: a publisher of a broadcast as plain RTP, for FFmpeg, GStreamer, transcribers. */
import { BroadcastError } from '../../errors.js'
import type { EgressSection } from '../../media/egress/egress-section.js'
import { ViewerEgress } from '../../media/egress/viewer-egress.js'
import { LayerTicker } from '../../media/layer-ticker.js'
import type { LocalSink } from '../../media/local-ends.js'
import { defaultMediaConfig } from '../../media/media-config.js'
import type { MediaSource } from '../../media/types.js'
import type { Codec, PayloadCodec } from '../../rtp/types.js'
import { createSrtpSender } from '../../transport/srtp/create-srtp.js'
import { PortableDatagramSender } from '../../transport/udp/datagram-sender.js'
import { createMuxCounters } from '../../transport/udp/mux-counters.js'
import { systemClock } from '../../util/clock.js'
import { TypedEmitter } from '../../util/emitter.js'
import { createLog } from '../../util/log.js'
import { randomCname, randomInitialSeq, randomSsrcs, randomTimestamp } from '../../util/random-ids.js'
import { Scheduler } from '../../util/scheduler.js'
import { PlainOutput } from './plain-output.js'
import type { PortPair } from './port-pair.js'
import { payloadCodec } from './rtp-codec.js'
import { type RtpSinkConfig, type RtpSinkOptions, resolveRtpSink } from './rtp-sink-options.js'
import { type RtpSinkStats, snapshotSink } from './rtp-sink-stats.js'
import { SinkDescription } from './sink-description.js'
import { openSinkSockets, SinkFeedback, SinkRoutes, socketsOf } from './sink-sockets.js'
import { srtpKeys } from './srtp-key.js'

const log = createLog('rtp-sink')

const SEND_QUEUE_BYTES = 4 * 1024 * 1024

/** What receivers may send back about a video. */
const FEEDBACK: readonly string[] = ['nack', 'nack pli']

/** The events of a {@link RtpSink}. */
export type RtpSinkEvents = {
  /** What is sent has another description from now on: at the beginning, and when codecs or tracks change. To be given to the receiver anew. */
  sdp: [text: string]
  /** Nothing is sent any more: the ports could not be opened, or a defect showed. */
  error: [error: BroadcastError]
}

/**
 * A sink of plain RTP: what `broadcast.addSink` takes. It sends whatever its publisher sends, under numbers of its own that go on when the publisher is
 * replaced; video from a keyframe on.
 */
export class RtpSink extends TypedEmitter<RtpSinkEvents> implements LocalSink {
  readonly #config: RtpSinkConfig
  readonly #clock = systemClock
  readonly #scheduler = new Scheduler(this.#clock, undefined, (error) => log('deadline threw: %O', error))
  readonly #description: SinkDescription
  readonly #routes: SinkRoutes
  readonly #sections: readonly EgressSection[]
  readonly #feedback: SinkFeedback
  #opening: Promise<void> | undefined
  #pairs: readonly PortPair[] = []
  #sender: PortableDatagramSender | undefined
  #egress: ViewerEgress | undefined
  #ticker: LayerTicker | undefined
  #source: MediaSource | undefined
  #closed = false

  /** @internal */
  constructor(config: RtpSinkConfig) {
    super()
    this.#config = config
    this.#description = new SinkDescription(config)
    const ssrcs = randomSsrcs(config.targets.length)
    this.#sections = config.targets.map(({ kind }, i) => ({
      mid: kind,
      kind,
      codecs: [],
      payloadFor,
      extensions: [],
      ssrc: ssrcs[i] as number,
    }))
    this.#routes = new SinkRoutes(config, ssrcs)
    this.#feedback = new SinkFeedback(config, (buffer, end) => this.#egress?.receiveRtcp(buffer, 0, end, this.#nowMs))
  }

  /** The newest description of what is sent (RFC 8866), for a file that FFmpeg or GStreamer reads; undefined before the first event `sdp`. */
  get sdp(): string | undefined {
    return this.#description.text
  }

  /** Opens the local ports, which otherwise are with the first publisher. Rejects with `socket-failed` if the system refuses, and with `closed`. */
  async ready(): Promise<void> {
    if (this.#closed) throw new BroadcastError('closed', 'the sink is closed')
    this.#opening ??= this.#open()
    await this.#opening
  }

  /** @internal */
  setSource(feed: string, source: MediaSource | undefined, nowMs: number): void {
    if (feed !== this.#config.publisher || this.#closed) return
    this.#source = source
    if (this.#egress === undefined) {
      if (source !== undefined) this.ready().catch((error) => this.#fail(error))
      return
    }
    this.#egress.setSource(feed, source, nowMs)
    this.#ticker?.arm(nowMs)
  }

  /** Asks the publisher for a keyframe: a receiver has begun to listen that cannot ask itself. FFmpeg, reading a description, sends no RTCP. */
  requestKeyframe(): void {
    this.#egress?.requestKeyframe(this.#nowMs)
  }

  /** What was sent so far; undefined before the ports are open. */
  stats(): RtpSinkStats | undefined {
    const egress = this.#egress?.stats(this.#nowMs)
    return egress && snapshotSink(egress, this.#config, this.#feedback.refused)
  }

  /** Says goodbye to the receiver, and gives the ports back. To be called once the sink is taken out of its broadcast. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#opening?.catch(() => {})
    this.#stop()
    await Promise.all(this.#pairs.map((pair) => pair.close()))
    this.#scheduler.close()
    this.removeAllListeners()
  }

  async #open(): Promise<void> {
    const pairs = await openSinkSockets(this.#config)
    this.#pairs = pairs
    if (this.#closed) return
    const { srtp, layer, publisher } = this.#config
    const sockets = socketsOf(pairs)
    const sender = new PortableDatagramSender(sockets, SEND_QUEUE_BYTES, createMuxCounters())
    this.#sender = sender
    const egress = new ViewerEgress({
      id: `rtp-sink ${this.#sections[0]?.ssrc}`,
      sections: this.#sections,
      cname: randomCname(),
      output: new PlainOutput(sender, this.#routes, srtp && createSrtpSender(srtpKeys(srtp))),
      // A decoder that starts has no use for what is past, and takes it for a stream that is out of time.
      config: { ...defaultMediaConfig(this.#clock.unixMs() - this.#clock.nowMs()), instantStartMaxAgeMs: 0 },
      initialSeq: randomInitialSeq,
      initialTimestamp: randomTimestamp,
    })
    const ticker = new LayerTicker(this.#scheduler, () => [this])
    egress.onDue = (dueMs) => ticker.arm(dueMs)
    egress.onFault = (error) => this.#fail(error)
    this.#egress = egress
    this.#ticker = ticker
    for (const socket of sockets) {
      socket.on('message', (datagram, from) => this.#feedback.receive(datagram, from.address))
    }
    const nowMs = this.#nowMs
    if (layer !== undefined) egress.configure({ layer: { maxRid: layer } }, nowMs)
    egress.setSource(publisher, this.#source, nowMs)
    egress.start(nowMs)
    ticker.arm(nowMs)
  }

  /** @internal */
  tick(nowMs: number): number {
    const egress = this.#egress
    if (egress === undefined) return Number.POSITIVE_INFINITY
    const dueMs = egress.tick(nowMs)
    const published = new Set(this.#source?.tracks.map(({ kind }) => kind))
    if (this.#description.update(egress.carried, published, nowMs)) this.emit('sdp', this.#description.text as string)
    return Math.min(dueMs, this.#description.dueMs)
  }

  #stop(): void {
    this.#ticker?.close()
    this.#routes.leaving = true
    this.#egress?.close(this.#nowMs)
    this.#sender?.close()
  }

  #fail(error: unknown): void {
    this.#stop()
    this.emit('error', BroadcastError.from(error))
  }

  get #nowMs(): number {
    return this.#clock.nowMs()
  }
}

/**
 * A sink that sends a publisher of a broadcast as plain RTP and RTCP to an address, with a description in SDP for whoever listens there.
 *
 * Video begins with a keyframe, and another one is asked for when the receiver says PLI or FIR; lost packets that it asks for are sent again. Nothing is
 * encrypted without a key. The receiver has no say in where the packets go.
 *
 * @throws BroadcastError `option-invalid`.
 *
 * @example
 * ```ts
 * const sink = rtpSink({ host: '127.0.0.1', port: 5004 })
 * sink.on('sdp', (text) => writeFileSync('main.sdp', text))
 * const remove = await broadcast.addSink(sink)
 * ```
 */
export function rtpSink(options: RtpSinkOptions): RtpSink {
  return new RtpSink(resolveRtpSink(options))
}

function payloadFor(codec: Codec): PayloadCodec | undefined {
  return payloadCodec(codec.blocks?.codec ?? codec, codec.kind === 'video' ? FEEDBACK : [])
}
