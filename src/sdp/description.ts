/** A session description as far as negotiation reads it (RFC 8866); what `parseSdp` returns. Lines are counted from 1. */
import type { IceCandidate } from './types.js'

/** The direction attributes, from the view of who wrote them. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** `a=setup` (RFC 4145, section 4; RFC 8842). */
export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn'

/** `a=fingerprint` (RFC 8122): lower-case hash name, upper-case hex pairs. */
export interface SdpFingerprint {
  readonly algorithm: string
  readonly value: string
}

/** `a=extmap` (RFC 8285, section 5). */
export interface SdpExtension {
  readonly id: number
  readonly direction: Direction | undefined
  readonly uri: string
}

/** `a=rtpmap` (RFC 8866, section 6.6), the name spelled as offered. */
export interface SdpRtpMap {
  readonly name: string
  readonly clockRate: number
  readonly channels: number
}

/** `a=rid` (RFC 8851), restrictions as offered. */
export interface SdpRid {
  readonly id: string
  readonly direction: 'send' | 'recv'
  readonly restrictions: readonly { readonly name: string; readonly value: string | undefined }[]
}

/** One alternative of a simulcast stream: a rid, and whether it begins paused (`~`). */
export interface SdpSimulcastAlternative {
  readonly rid: string
  readonly paused: boolean
}

/** One side of `a=simulcast` (RFC 8853): streams, each with its alternatives. */
export type SdpSimulcastStreams = readonly (readonly SdpSimulcastAlternative[])[]

/** Attributes that may stand at session level, where they hold for every section without its own, or in a section. */
export interface SdpScope {
  readonly iceUfrag: string | undefined
  readonly icePwd: string | undefined
  readonly fingerprints: readonly SdpFingerprint[]
  readonly setup: Setup | undefined
  /** Usable ones only. */
  readonly candidates: readonly IceCandidate[]
  readonly direction: Direction | undefined
  readonly extensions: readonly SdpExtension[]
  readonly extmapAllowMixed: boolean
}

/** One `m=` line and what follows it. */
export interface SdpMedia extends SdpScope {
  /** Line number of the `m=` line. */
  readonly line: number
  /** `audio`, `video`, `application`, ... as written. */
  readonly type: string
  readonly port: number
  readonly protocol: string
  /** As written, without repetitions. */
  readonly formats: readonly string[]
  /** The formats as numbers where the protocol is RTP, else none. */
  readonly payloadTypes: readonly number[]
  readonly mid: string | undefined
  /** RFC 8843, section 6: with port 0 it still is offered. */
  readonly bundleOnly: boolean
  /** `a=rtcp-mux` or `a=rtcp-mux-only`. */
  readonly rtcpMux: boolean
  readonly rtcpReducedSize: boolean
  readonly rtpMaps: ReadonlyMap<number, SdpRtpMap>
  /** The text of `a=fmtp` by payload type. */
  readonly formatParameters: ReadonlyMap<number, string>
  /** `a=rtcp-fb` (RFC 4585, section 4.2); payload type -1 stands for all. */
  readonly feedback: readonly { readonly payloadType: number; readonly value: string }[]
  /** The different SSRCs of `a=ssrc`, in order. */
  readonly ssrcs: readonly number[]
  readonly ssrcGroups: readonly { readonly semantics: string; readonly ssrcs: readonly number[] }[]
  readonly rids: readonly SdpRid[]
  readonly simulcastSend: SdpSimulcastStreams
  readonly simulcastReceive: SdpSimulcastStreams
}

/** A whole session description. */
export interface SdpDescription extends SdpScope {
  readonly iceLite: boolean
  /** `a=group` (RFC 5888), such as BUNDLE. */
  readonly groups: readonly { readonly semantics: string; readonly mids: readonly string[] }[]
  readonly media: readonly SdpMedia[]
}

/** `T` while it is being read. */
export type Draft<T> = {
  -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[]
    ? Item[]
    : T[Key] extends ReadonlyMap<infer Name, infer Value>
      ? Map<Name, Value>
      : T[Key]
}
