/** Makes the peers of a shard: what they say of themselves in SDP, their transports on its port, and the media objects behind them. */
import { ViewerEgress } from '../media/egress/viewer-egress.js'
import type { FanOutQueue } from '../media/fan-out.js'
import { PublisherIngest } from '../media/ingest/publisher-ingest.js'
import type { MediaConfig, RtpOutput } from '../media/types.js'
import type { ViewerStreams } from '../sdp/negotiate-viewer.js'
import type { AnsweredOffer, LocalParameters, PublisherSection, ViewerSection } from '../sdp/types.js'
import { randomIceCredentials } from '../transport/ice/ice-credentials.js'
import { PeerTransport, type PeerTransportHandler } from '../transport/peer-transport.js'
import type { TransportPath } from '../transport/transport-path.js'
import type { DtlsIdentity } from '../transport/types.js'
import type { UdpMux } from '../transport/udp/udp-mux.js'
import type { Clock } from '../util/clock.js'
import {
  randomCname,
  randomInitialSeq,
  randomMediaStreamId,
  randomSdpSessionId,
  randomSsrc,
  randomTimestamp,
} from '../util/random-ids.js'
import type { Scheduler } from '../util/scheduler.js'
import type { EngineConfig } from './engine-config.js'
import { Peer, type PeerMedia } from './peer.js'
import { type NextIce, PeerIce } from './peer-ice.js'
import type {
  OfferPublisherRequest,
  OfferViewerRequest,
  PeerCloseReason,
  PeerRequest,
  PeerRole,
  PeerState,
} from './types.js'

/** What peers share on a shard, and who hears of them. */
export interface PeerFactoryOptions {
  readonly mux: UdpMux
  /** How they encrypt and shake hands. */
  readonly path: TransportPath
  readonly identity: DtlsIdentity
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly config: EngineConfig
  readonly mediaConfig: MediaConfig
  /** See `ForwardedLayerOptions.fanOut`. */
  readonly fanOut: FanOutQueue
  /** A peer's transport has changed its state. */
  onState(peerId: string, role: PeerRole, state: PeerState, reason?: PeerCloseReason, detail?: string): void
  /** A round trip time that a viewer has reported. */
  readonly onRtt: (rttMs: number) => void
}

/** What a peer is made of. */
export interface PeerPlan<Request extends PeerRequest, Section> {
  readonly request: Request
  readonly local: LocalParameters
  readonly negotiation: AnsweredOffer<Section>
  /** Its port, if it has one of its own. */
  readonly mux?: UdpMux
  /** Whether the offer was ours, and so the checking of paths is (RFC 8445, section 6.1.1). */
  readonly controlling: boolean
}

/** A peer, and the object behind it under its own type. */
export interface MadePeer<Media extends PeerMedia> {
  readonly peer: Peer
  readonly media: Media
}

/** See the top of the file. */
export class PeerFactory {
  readonly #options: PeerFactoryOptions
  readonly #nextIce = (): NextIce => this.localIce()

  constructor(options: PeerFactoryOptions) {
    this.#options = options
  }

  /** Fresh ICE credentials, and the candidates that go with them. */
  localIce(mux: UdpMux = this.#options.mux): NextIce {
    return { credentials: randomIceCredentials((ufrag) => mux.hasUfrag(ufrag)), candidates: mux.candidates }
  }

  /** What this side says of itself in the SDP of a new peer. */
  localParameters(mux?: UdpMux): LocalParameters {
    const { credentials, candidates } = this.localIce(mux)
    return {
      ...credentials,
      fingerprint: this.#options.identity.fingerprint,
      candidates,
      cname: randomCname(),
      sdpSessionId: randomSdpSessionId(),
    }
  }

  /** Names for the streams to a new viewer. */
  viewerStreams(): ViewerStreams {
    return { msid: randomMediaStreamId(), ssrc: randomSsrc }
  }

  /** What a publisher is asked to send at most; empty for no limit. */
  bitrateCap(request: { readonly maxBitrateBps?: number }): { maxBitrateBps?: number } {
    const maxBitrateBps = request.maxBitrateBps ?? this.#options.config.publisherMaxBitrateBps
    return maxBitrateBps > 0 ? { maxBitrateBps } : {}
  }

  /** A peer that sends to us; not started. */
  publisher(plan: PeerPlan<OfferPublisherRequest, PublisherSection>): MadePeer<PublisherIngest> {
    const { request, local, negotiation } = plan
    return this.#make('publisher', plan, (output) => {
      return new PublisherIngest({
        id: request.peerId,
        sections: negotiation.sections,
        localSsrc: randomSsrc(),
        cname: local.cname,
        output,
        config: this.#options.mediaConfig,
        fanOut: this.#options.fanOut,
        ...this.bitrateCap(request),
      })
    })
  }

  /** A peer that we send to; not started. */
  viewer(plan: PeerPlan<OfferViewerRequest, ViewerSection>): MadePeer<ViewerEgress> {
    const { request, local, negotiation } = plan
    return this.#make('viewer', plan, (output) => {
      return new ViewerEgress({
        id: request.peerId,
        sections: negotiation.sections,
        cname: local.cname,
        output,
        config: this.#options.mediaConfig,
        initialSeq: randomInitialSeq,
        initialTimestamp: randomTimestamp,
        ...(request.extensions === undefined ? {} : { extensions: request.extensions }),
        onRtt: this.#options.onRtt,
      })
    })
  }

  #make<Media extends PeerMedia>(
    role: PeerRole,
    plan: PeerPlan<PeerRequest, unknown>,
    createMedia: (output: RtpOutput) => Media,
  ): MadePeer<Media> {
    const { request, local, negotiation, controlling } = plan
    const { path, identity, clock, scheduler, config, onState } = this.#options
    const { mux = this.#options.mux } = plan
    const handler = new MediaHandler<Media>(request.peerId, role, onState)
    const transport = new PeerTransport({
      mux,
      identity,
      dtlsRole: negotiation.dtlsRole,
      local: { iceUfrag: local.iceUfrag, icePwd: local.icePwd },
      remote: negotiation.remote,
      controlling,
      srtpProfiles: path.srtpProfiles,
      createDtls: path.createDtls,
      createSrtpSender: path.createSrtpSender,
      createSrtpReceiver: path.createSrtpReceiver,
      connectTimeoutMs: config.connectTimeoutMs,
      consentTimeoutMs: config.consentTimeoutMs,
      disconnectedAfterMs: config.disconnectedAfterMs,
      clock,
      scheduler,
      handler,
    })
    const media = createMedia(transport.output)
    handler.media = media
    const ice = new PeerIce(negotiation, transport, controlling ? undefined : this.#nextIce)
    return { peer: new Peer(request.peerId, request.broadcastId, role, transport, media, ice, scheduler), media }
  }
}

/** Between a peer's transport and its media. A class and no closures: those would keep the offer and the answer as long as the session lasts. */
class MediaHandler<Media extends PeerMedia> implements PeerTransportHandler {
  media: Media | undefined

  constructor(
    readonly peerId: string,
    readonly role: PeerRole,
    readonly onPeerState: PeerFactoryOptions['onState'],
  ) {}

  onState(state: PeerState, reason?: PeerCloseReason, detail?: string): void {
    this.onPeerState(this.peerId, this.role, state, reason, detail)
  }

  onRtp(buffer: Buffer, start: number, end: number, nowMs: number): void {
    this.media?.receiveRtp?.(buffer, start, end, nowMs)
  }

  onRtcp(buffer: Buffer, start: number, end: number, nowMs: number): void {
    this.media?.receiveRtcp(buffer, start, end, nowMs)
  }
}
