/** What this side makes use of, so that negotiation offers nothing else back. */
import type { SdpCapabilities } from './types.js'

/** URIs of the header extensions (RFC 8285) that the media core knows. */
export const EXTENSION_URI = {
  /** RFC 8843, section 15. */
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  /** RFC 8852. */
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  /** RFC 8852: the rid of the stream that a retransmission repairs. */
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  /** The transport-wide sequence number of draft-holmer-rmcat-transport-wide-cc-extensions-01. */
  transportWide: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  /** RFC 6464. */
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  /** 3GPP TS 26.114, coordination of video orientation. */
  videoOrientation: 'urn:3gpp:video-orientation',
  playoutDelay: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  absCaptureTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
} as const

/** What the core passes from publisher to viewer unchanged, besides the MID that it writes itself. */
const FORWARDED_EXTENSIONS = [
  EXTENSION_URI.mid,
  EXTENSION_URI.audioLevel,
  EXTENSION_URI.videoOrientation,
  EXTENSION_URI.playoutDelay,
  EXTENSION_URI.absCaptureTime,
]

/** What loss repair, keyframe requests and congestion feedback need, of publishers and viewers alike. */
const FEEDBACK = ['nack', 'nack pli', 'ccm fir', 'transport-cc', 'goog-remb']

/** The capabilities of the engine as it is. */
export const DEFAULT_CAPABILITIES: SdpCapabilities = {
  publisherExtensions: [
    ...FORWARDED_EXTENSIONS,
    EXTENSION_URI.rid,
    EXTENSION_URI.repairedRid,
    EXTENSION_URI.transportWide,
  ],
  viewerExtensions: [...FORWARDED_EXTENSIONS, EXTENSION_URI.transportWide],
  publisherFeedback: FEEDBACK,
  viewerFeedback: FEEDBACK,
  rtx: true,
  simulcast: true,
}
