/** URIs of the header extensions (RFC 8285) that are known here. */

/** By what they mean. */
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
  /** AV1 RTP payload specification, appendix A. */
  dependencyDescriptor: 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
} as const
