/** `rtpSource`: plain RTP from FFmpeg, GStreamer or a camera as a publisher of a broadcast. */
import { BroadcastError } from '../../errors.js'
import { LayerTicker } from '../../media/layer-ticker.js'
import type { LocalSource, SourceContext } from '../../media/local-ends.js'
import type { MediaSource } from '../../media/types.js'
import { createSrtpSender } from '../../transport/srtp/create-srtp.js'
import { PortableDatagramSender } from '../../transport/udp/datagram-sender.js'
import { createMuxCounters } from '../../transport/udp/mux-counters.js'
import { TypedEmitter } from '../../util/emitter.js'
import { randomCname, randomSsrc } from '../../util/random-ids.js'
import type { DeadlineQueue } from '../../util/scheduler.js'
import { type FfmpegOptions, ffmpegArguments, shellLine } from './ffmpeg-arguments.js'
import { gstreamerPipeline } from './gstreamer-pipeline.js'
import { openPortPairs, type PortPair } from './port-pair.js'
import { RtpReceiver } from './rtp-receiver.js'
import { type RtpSourceConfig, type RtpSourceOptions, resolveRtpSource } from './rtp-source-options.js'
import { type RtpSourceStats, snapshotTrack } from './rtp-source-stats.js'
import { writeSdpText } from './sdp-text.js'
import { srtpKeys } from './srtp-key.js'

/** What waits for the kernel are reports of a hundred bytes. */
const SEND_QUEUE_BYTES = 64 * 1024

/** The events of a {@link RtpSource}. */
export type RtpSourceEvents = {
  /** A sender is followed from now on: the first, or one that has taken the place of a silent one. */
  sender: [sender: { readonly track: number; readonly ip: string; readonly port: number }]
  /** The sender of a track has been silent for `timeoutMs`, or has said goodbye. The source goes on with whoever sends next. */
  silence: [silence: { readonly track: number }]
}

/**
 * A source of plain RTP. `broadcast.addSource(source)` opens its ports; when the session of the source is closed, so are they. A sender that ends does not
 * end the source.
 */
export class RtpSource extends TypedEmitter<RtpSourceEvents> implements LocalSource {
  readonly #config: RtpSourceConfig
  #opening: Promise<void> | undefined
  #pairs: readonly PortPair[] = []
  #receivers: readonly RtpReceiver[] = []
  #ticker: LayerTicker | undefined
  #senders: readonly PortableDatagramSender[] = []
  #scheduler: DeadlineQueue | undefined
  #closed = false

  /** @internal */
  constructor(config: RtpSourceConfig) {
    super()
    this.#config = config
  }

  /**
   * Opens the ports, so that their numbers are known before the source is in a broadcast. Rejects with `socket-failed` if the system
   * refuses, and with `closed`.
   */
  async ready(): Promise<void> {
    if (this.#closed) throw new BroadcastError('closed', 'the source is closed')
    this.#opening ??= this.#openAll()
    await this.#opening
  }

  /** @internal */
  async open(context: SourceContext): Promise<MediaSource> {
    await this.ready()
    if (this.#scheduler) throw new BroadcastError('request-invalid', 'a source is added to one broadcast, once')
    const { scheduler } = context
    this.#scheduler = scheduler
    const ticker = new LayerTicker(scheduler, () => this.#receivers)
    this.#ticker = ticker
    const { srtp } = this.#config
    const shared = {
      config: this.#config,
      media: context.config,
      sourceId: context.id,
      cname: randomCname(),
      // Under one key there is one counter of what we send, and one SSRC that nobody else may have.
      localSsrc: randomSsrc(),
      srtpSender: srtp && createSrtpSender(srtpKeys(srtp)),
    }
    this.#senders = this.#pairs.map(({ rtp, rtcp }) => {
      const sockets = rtcp === undefined ? [rtp] : [rtp, rtcp]
      return new PortableDatagramSender(sockets, SEND_QUEUE_BYTES, createMuxCounters())
    })
    this.#receivers = this.#pairs.map(
      ({ family }, i) =>
        new RtpReceiver({
          ...shared,
          track: this.#config.tracks[i] as RtpSourceConfig['tracks'][number],
          mid: String(i),
          sender: this.#senders[i] as PortableDatagramSender,
          family,
          onDue: (dueMs) => ticker.arm(dueMs),
          onSender: (ip, port) => this.emit('sender', { track: i, ip, port }),
          onSilence: () => this.emit('silence', { track: i }),
        }),
    )
    return { id: context.id, tracks: this.#receivers.flatMap(({ ingest }) => ingest.tracks) }
  }

  /** It never ends by itself: whoever falls silent may come back. @internal */
  start(): void {
    const scheduler = this.#scheduler as DeadlineQueue
    this.#pairs.forEach(({ rtp, rtcp }, i) => {
      const receiver = this.#receivers[i] as RtpReceiver
      for (const socket of rtcp === undefined ? [rtp] : [rtp, rtcp]) {
        socket.on('message', (datagram, from) =>
          receiver.receive(datagram, from.address, from.port, socket === rtcp, scheduler.clock.nowMs()),
        )
      }
    })
  }

  /** Gives the ports back. Who has added the source to a broadcast closes its session instead. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#ticker?.close()
    for (const { ingest } of this.#receivers) ingest.close(this.#scheduler?.clock.nowMs() ?? 0)
    for (const sender of this.#senders) sender.close()
    await this.#opening?.catch(() => {})
    await Promise.all(this.#pairs.map((pair) => pair.close()))
    this.removeAllListeners()
  }

  /** The ports of RTP, in the order of the tracks; 0 where the system chooses and has not yet been asked, see `ready`. */
  get ports(): readonly number[] {
    return this.#config.tracks.map(({ port }, i) => this.#pairs[i]?.port ?? port)
  }

  /** The description of what is taken (RFC 8866), for senders that want one. Throws `option-invalid` while a port is not known, see `ready`. */
  get sdp(): string {
    const { listenIp, srtp, rtcpMux, tracks } = this.#config
    const ports = this.#knownPorts()
    return writeSdpText({
      ip: listenIp,
      direction: 'recvonly',
      srtp,
      media: tracks.map(({ codec }, i) => ({ codec, port: ports[i] as number, rtcpMux })),
    })
  }

  /**
   * The arguments with which FFmpeg sends `input` here, encoded for these tracks, with a keyframe every two seconds.
   *
   * Throws `option-invalid` while a port is not known (see `ready`), and for what FFmpeg cannot send: AV1 before it is ripe, and the SRTP profile
   * `AEAD_AES_128_GCM`.
   */
  ffmpegArguments(options: FfmpegOptions): readonly string[] {
    return ffmpegArguments(this.#config, this.#knownPorts(), options)
  }

  /** The same as a line for a POSIX shell, `ffmpeg` included. */
  commandLine(options: FfmpegOptions): string {
    return shellLine(['ffmpeg', ...this.ffmpegArguments(options)])
  }

  /**
   * What `gst-launch-1.0` is told to send a test picture and a test tone here, and to make keyframes when they are asked for; to be changed
   * from its `videotestsrc` and `audiotestsrc` on. Throws `option-invalid` as `ffmpegArguments` does, and for any SRTP.
   */
  gstreamerPipeline(): string {
    return gstreamerPipeline(this.#config, this.#knownPorts())
  }

  /** What has come so far. Empty before the source is in a broadcast. */
  stats(): RtpSourceStats {
    const nowMs = this.#scheduler?.clock.nowMs() ?? 0
    return { tracks: this.#receivers.map((receiver, i) => snapshotTrack(receiver, this.ports[i] as number, nowMs)) }
  }

  #knownPorts(): readonly number[] {
    const { ports } = this
    if (ports.includes(0)) {
      throw new BroadcastError('option-invalid', 'port 0: the port is known once the source is ready()', {
        details: { option: 'port' },
      })
    }
    return ports
  }

  async #openAll(): Promise<void> {
    const { listenIp, rtcpMux, tracks } = this.#config
    this.#pairs = await openPortPairs(tracks.map(({ port }) => ({ listenIp, port, rtcpMux })))
  }
}

/**
 * A source that takes plain RTP and RTCP, e.g. of FFmpeg, GStreamer or a camera.
 *
 * By default the port can be reached from this machine only, the first that sends is followed, and what it has lost or repeated is dealt with as with
 * any publisher. A sender that is started again is taken up after `timeoutMs`, or at once if it has said goodbye. Audio and video are in sync by
 * the sender's reports. For media from other machines, give a key or say `allowUnauthenticated`.
 *
 * @throws BroadcastError `option-invalid`.
 *
 * @example
 * ```ts
 * const source = rtpSource({ tracks: [{ codec: 'VP8', port: 5004 }, { codec: 'opus', port: 5006 }] })
 * await broadcast.addSource(source)
 * console.log(source.commandLine({ input: 'film.mkv' }))
 * ```
 */
export function rtpSource(options: RtpSourceOptions): RtpSource {
  return new RtpSource(resolveRtpSource(options))
}
