/** What negotiation takes and gives: plain values that cross threads. */
import type { HeaderExtension, MediaKind, PayloadCodec } from '../rtp/types.js'

/** An ICE candidate (RFC 8839, section 5.1), local or remote. */
export interface IceCandidate {
  readonly foundation: string
  /** 1 for RTP; candidates of component 2 are ignored. */
  readonly component: number
  readonly protocol: 'udp' | 'tcp'
  readonly priority: number
  readonly ip: string
  readonly port: number
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay'
  readonly tcpType?: 'active' | 'passive' | 'so'
}

/** What the answer says of this side. */
export interface LocalParameters {
  readonly iceUfrag: string
  readonly icePwd: string
  /** sha-256, see RFC 8122. */
  readonly fingerprint: { readonly algorithm: string; readonly value: string }
  readonly candidates: readonly IceCandidate[]
  /** RTCP CNAME of everything this side sends in the session (RFC 7022). */
  readonly cname: string
  /** The session id of `o=`, decimal digits. */
  readonly sdpSessionId: string
}

/** What the offer says of the other side. */
export interface RemoteParameters {
  readonly iceUfrag: string
  readonly icePwd: string
  /** True when the peer is itself `a=ice-lite`. */
  readonly iceLite: boolean
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[]
  /** Usable candidates only: component 1, literal IP addresses. */
  readonly candidates: readonly IceCandidate[]
}

/** A media section that a publisher sends to us. */
export interface PublisherSection {
  readonly mid: string
  readonly kind: MediaKind
  /** In the answer's order; the sender may use any of them at any time. */
  readonly codecs: readonly PayloadCodec[]
  readonly extensions: readonly HeaderExtension[]
  /** Primary SSRCs from `a=ssrc` (without those of RTX or FEC); empty when the offer names none. */
  readonly ssrcs: readonly number[]
  /** The rids accepted for simulcast, in the offer's order; empty without simulcast. */
  readonly rids: readonly string[]
  /** Which SSRC carries the retransmissions of which, from `a=ssrc-group:FID`; empty where the offer says nothing, or without RTX. */
  readonly rtxPairs?: readonly { readonly ssrc: number; readonly rtxSsrc: number }[]
  /** True if we may pause its streams, each by itself, and resume them (RFC 7728); false if left out. */
  readonly pause?: boolean
}

/** One of the simulcast streams that a viewer gets of a video, all at the same time (RFC 8853). */
export interface ViewerLayer {
  /** Its name in the SDP and in packets (RFC 8851), at most 16 characters. */
  readonly rid: string
  /** Its SSRC, and that of its retransmissions where RTX was negotiated. */
  readonly ssrc: number
  readonly rtxSsrc?: number
  /** True if nothing of it is to be sent before the viewer asks for it (RFC 7728); false if left out. */
  readonly paused?: boolean
}

/** A media section that we send to a viewer. */
export interface ViewerSection {
  readonly mid: string
  readonly kind: MediaKind
  /** Everything both sides can carry, in the viewer's order. */
  readonly codecs: readonly PayloadCodec[]
  readonly extensions: readonly HeaderExtension[]
  /** The SSRC of our stream; with `layers`, of the first of them. */
  readonly ssrc: number
  /** The SSRC of its retransmissions, where RTX was negotiated. */
  readonly rtxSsrc?: number
  /** All simulcast layers at once, worst quality first, for a viewer that has asked for them; left out for one that gets a layer at a time. */
  readonly layers?: readonly ViewerLayer[]
  /** True if the viewer may pause our streams, each by itself, and resume them (RFC 7728); false if left out. */
  readonly pause?: boolean
}

/** Where the fragments of an ICE restart stand: the section that speaks for the transport, and those that share it. */
export interface TransportSection {
  /** The mid of the answerer-tagged section; undefined where the offer has none. */
  readonly mid: string | undefined
  /** Its `m=` line in the answer. */
  readonly mediaLine: string
  /** The answer's BUNDLE group; empty without one. */
  readonly bundleMids: readonly string[]
}

/** A negotiated offer. */
export interface Negotiation<Section> {
  /** The SDP of the answer. */
  readonly answer: string
  readonly remote: RemoteParameters
  /** Our role: `server` answers `passive`, `client` answers `active`. */
  readonly dtlsRole: 'client' | 'server'
  readonly transportSection: TransportSection
  /** Accepted sections with media, in the offer's order. At least one. */
  readonly sections: readonly Section[]
}

/** An offer of ours that was answered. */
export type AnsweredOffer<Section> = Omit<Negotiation<Section>, 'answer'>

/** The header extensions and feedback that this side can make use of; negotiation offers nothing else back. */
export interface SdpCapabilities {
  /** Extension URIs accepted from publishers. */
  readonly publisherExtensions: readonly string[]
  /** Extension URIs sent to viewers. */
  readonly viewerExtensions: readonly string[]
  /** `a=rtcp-fb` values accepted on publishers' video, e.g. `nack pli`, `ccm fir`. */
  readonly publisherFeedback: readonly string[]
  /** `a=rtcp-fb` values accepted on viewers' video. */
  readonly viewerFeedback: readonly string[]
  /** Whether `rtx` payload types are accepted. */
  readonly rtx: boolean
  /** Whether `a=simulcast` is accepted from publishers. */
  readonly simulcast: boolean
  /** How many layers of a video a viewer may take at once; 0 or 1 for one at a time only. */
  readonly viewerLayers: number
  /** Whether streams can be paused and resumed by RTCP (RFC 7728), ours and those of publishers. */
  readonly pause: boolean
}
