/**
 * One track of plain RTP: looks at every datagram of its ports, and hands what is its sender's to the publisher ingest, which does all the rest. It has
 * no socket and asks no clock.
 */
import { PublisherIngest } from '../../media/ingest/publisher-ingest.js'
import type { Ticked } from '../../media/layer-ticker.js'
import type { MediaConfig } from '../../media/types.js'
import { readUint32 } from '../../rtp/bytes.js'
import { RTCP_TYPE } from '../../rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../rtp/rtcp/rtcp-reader.js'
import { RtpHeader } from '../../rtp/rtp-header.js'
import { createSrtpReceiver } from '../../transport/srtp/create-srtp.js'
import {
  type DatagramSender,
  type RemoteAddress,
  SRTP_REFUSED,
  type SrtpReceiver,
  type SrtpSender,
} from '../../transport/types.js'
import { classifyDatagram, DATAGRAM_KIND } from '../../transport/udp/classify-datagram.js'
import { PlainOutput } from './plain-output.js'
import type { RtpSourceConfig, RtpTrackConfig } from './rtp-source-options.js'
import { SenderPin } from './sender-pin.js'
import { srtpKeys } from './srtp-key.js'
import { Vp9Prediction } from './vp9-prediction.js'

/** A key may outlive many senders, each with an SSRC of its own, and none of them may be replayed. */
const MAX_SSRCS = 4096

/** The socket of RTP, and of RTCP where that has its own, by their index in {@link RemoteAddress}. */
const RTP_SOCKET = 0
const RTCP_SOCKET = 1

/** FFmpeg sends its first report ahead of its first packet, and the next one five seconds later. It is kept for so long. */
const MAX_EARLY_MS = 1000
const MAX_EARLY_BYTES = 1500

/** RTCP that came before any media. */
interface EarlyRtcp {
  readonly datagram: Buffer
  readonly ip: string
  readonly port: number
  readonly viaRtcp: boolean
  readonly nowMs: number
}

/** What came to the ports of a track, in datagrams. */
export interface RtpDatagramCounters {
  received: number
  /** From others than the sender that is being followed, or that may be. */
  foreign: number
  /** Neither RTP nor RTCP, or not well formed. */
  malformed: number
  /** Of another payload type than the given one. */
  otherPayloadType: number
  /** Not protected with the given key. */
  unauthentic: number
  /** Protected with it, but received before, or too late to tell. */
  replayed: number
}

/** What a {@link RtpReceiver} is made with. */
export interface RtpReceiverOptions {
  readonly config: RtpSourceConfig
  readonly track: RtpTrackConfig
  readonly media: MediaConfig
  /** Of the source, whose tracks have one clock. */
  readonly sourceId: string
  /** The track's name within the source. */
  readonly mid: string
  readonly localSsrc: number
  /** Protects our RTCP, where there is a key. */
  readonly srtpSender?: SrtpSender | undefined
  readonly cname: string
  /** Sends with the socket of RTP and, behind it, that of RTCP. */
  readonly sender: DatagramSender
  readonly family: 4 | 6
  /** `tick` has something to do at `dueMs`, earlier than its last answer said. */
  onDue(dueMs: number): void
  /** Another sender is being followed from now on. */
  onSender(ip: string, port: number): void
  /** The sender has fallen silent. Whoever sends next is followed. */
  onSilence(): void
}

const header = new RtpHeader()
const reader = new RtcpReader()

/** See the top of the file. */
export class RtpReceiver implements Ticked {
  readonly ingest: PublisherIngest
  readonly pin: SenderPin
  readonly counters: RtpDatagramCounters = {
    received: 0,
    foreign: 0,
    malformed: 0,
    otherPayloadType: 0,
    unauthentic: 0,
    replayed: 0,
  }
  readonly #options: RtpReceiverOptions
  readonly #srtp: SrtpReceiver | undefined
  readonly #payloadType: number
  readonly #vp9: Vp9Prediction | undefined
  #early: EarlyRtcp | undefined
  #replyTo: RemoteAddress[] = []
  /** The sender's own RTCP has told where it wants ours. */
  #replyLearned = false

  constructor(options: RtpReceiverOptions) {
    this.#options = options
    const { config, track } = options
    this.#srtp = config.srtp && createSrtpReceiver(srtpKeys(config.srtp), MAX_SSRCS)
    this.#payloadType = track.codec.payloadType
    if (track.codec.codec.name === 'VP9') this.#vp9 = new Vp9Prediction()
    this.pin = new SenderPin({
      timeoutMs: config.timeoutMs,
      ...(config.remote === undefined ? {} : { ip: config.remote.host }),
      ...(config.remote?.port === undefined ? {} : { port: config.remote.port }),
    })
    const routes = { rtp: () => undefined, rtcp: () => this.#replyTo }
    this.ingest = new PublisherIngest({
      id: options.sourceId,
      sections: [
        {
          mid: options.mid,
          kind: track.codec.codec.kind,
          codecs: [track.codec],
          extensions: [],
          ssrcs: [],
          rids: [],
          keyframesOnDemand: config.keyframesOnDemand,
        },
      ],
      localSsrc: options.localSsrc,
      cname: options.cname,
      output: new PlainOutput(options.sender, routes, options.srtpSender),
      config: options.media,
    })
    this.ingest.onDue = options.onDue
  }

  /** Takes a datagram. `viaRtcp` says that it came to the port of RTCP alone. Never throws. */
  receive(datagram: Buffer, ip: string, port: number, viaRtcp: boolean, nowMs: number): void {
    this.counters.received++
    const kind = classifyDatagram(datagram, 0, datagram.length)
    if (kind === DATAGRAM_KIND.rtcp) this.#receiveRtcp(datagram, ip, port, viaRtcp, nowMs)
    else if (kind === DATAGRAM_KIND.rtp && !viaRtcp) this.#receiveRtp(datagram, ip, port, nowMs)
    else this.counters.malformed++
  }

  /** Does what is due, and lets go of a silent sender; returns when there is more to do. */
  tick(nowMs: number): number {
    if (nowMs >= this.pin.releaseMs) {
      this.#release()
      this.#options.onSilence()
    }
    return Math.min(this.ingest.tick(nowMs), this.pin.releaseMs)
  }

  #release(): void {
    this.pin.release()
    this.#replyTo = []
    this.#replyLearned = false
  }

  #receiveRtp(datagram: Buffer, ip: string, port: number, nowMs: number): void {
    const { counters, pin } = this
    if (!pin.admits(ip, port, nowMs)) {
      counters.foreign++
      return
    }
    if (!header.parse(datagram, 0, datagram.length)) {
      counters.malformed++
      return
    }
    // Only a given payload type says that others are something else; otherwise the port says what it is.
    if (this.#options.track.payloadTypeGiven && header.payloadType !== this.#payloadType) {
      counters.otherPayloadType++
      return
    }
    const end = this.#srtp?.unprotectRtp(datagram, 0, header.headerLength, datagram.length) ?? datagram.length
    if (end < 0 || this.#isOurs(header.ssrc)) {
      this.#countRefusal(end)
      return
    }
    const isNew = pin.heard(ip, port, nowMs)
    if (isNew) this.#follow(ip, port)
    datagram[1] = (header.marker ? 0x80 : 0) | this.#payloadType
    this.#vp9?.correct(datagram, header.headerLength, end, header.timestamp)
    this.ingest.receiveRtp(datagram, 0, end, nowMs)
    if (isNew && this.#early !== undefined) this.#takeEarly(this.#early, nowMs)
  }

  /** The report that it has sent ahead of its first packet is about a stream that is known now. */
  #takeEarly({ datagram, ip, port, viaRtcp, nowMs: arrivalMs }: EarlyRtcp, nowMs: number): void {
    this.#early = undefined
    if (nowMs - arrivalMs < MAX_EARLY_MS) this.#receiveRtcp(datagram, ip, port, viaRtcp, arrivalMs)
  }

  #receiveRtcp(datagram: Buffer, ip: string, port: number, viaRtcp: boolean, nowMs: number): void {
    const { counters, pin } = this
    // It comes from a port of its own, and only once it is known whose media it is about.
    const known = pin.holder?.ip === ip && nowMs < pin.releaseMs
    if (pin.holder === undefined && pin.mayBeFrom(ip) && datagram.length <= MAX_EARLY_BYTES) {
      this.#early = { datagram: Buffer.from(datagram), ip, port, viaRtcp, nowMs }
      return
    }
    const [reply] = this.#replyTo
    if (!known || (this.#replyLearned && (reply?.port !== port || (reply.socket === RTCP_SOCKET) !== viaRtcp))) {
      counters.foreign++
      return
    }
    const end = this.#srtp?.unprotectRtcp(datagram, 0, datagram.length) ?? datagram.length
    if (end < 0 || this.#isOurs(readUint32(datagram, 4))) {
      this.#countRefusal(end)
      return
    }
    if (!reader.reset(datagram, 0, end)) {
      counters.malformed++
      return
    }
    if (!this.#replyLearned) {
      this.#replyLearned = true
      this.#reply(ip, port, viaRtcp ? RTCP_SOCKET : RTP_SOCKET)
    }
    let saysBye = false
    while (reader.next()) if (reader.packetType === RTCP_TYPE.bye) saysBye = true
    this.ingest.receiveRtcp(datagram, 0, end, nowMs)
    if (!saysBye) return
    this.#release()
    this.#options.onSilence()
  }

  /** What comes from there is another program's, or the same one's that was started again. */
  #follow(ip: string, port: number): void {
    this.#replyLearned = false
    // Where it wants RTCP is known once it has sent some; until then it is as RFC 3550, section 11, says.
    if (this.#options.config.rtcpMux) this.#reply(ip, port, RTP_SOCKET)
    else if (port < 65_535) this.#reply(ip, port + 1, RTCP_SOCKET)
    this.ingest.senderChanged()
    this.#options.onSender(ip, port)
  }

  #reply(ip: string, port: number, socket: number): void {
    this.#replyTo = [{ ip, port, family: this.#options.family, socket }]
  }

  /** Where both ends have the same key, what we have sent ourselves is authentic, too. */
  #isOurs(ssrc: number): boolean {
    return this.#srtp !== undefined && ssrc === this.#options.localSsrc
  }

  #countRefusal(refused: number): void {
    if (refused === SRTP_REFUSED.malformed) this.counters.malformed++
    else if (refused === SRTP_REFUSED.replay) this.counters.replayed++
    else this.counters.unauthentic++
  }
}
