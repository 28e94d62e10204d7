/** The offers of the load client, and what it needs from the answers. */

export const VIDEO_PAYLOAD_TYPE = 96
const AUDIO_PAYLOAD_TYPE = 111
/** Offered with transport-wide feedback: without it a packet that is sent again is the same one, and cannot carry another number. */
export const RTX_PAYLOAD_TYPE = 97
/** The id of the header extension with the transport-wide number. */
export const TRANSPORT_WIDE_ID = 3
const TRANSPORT_WIDE_URI = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'

/**
 * @typedef {object} LocalPeer
 * @property {string} iceUfrag
 * @property {string} icePwd
 * @property {{ algorithm: string, value: string }} fingerprint
 * @property {number} port
 * @property {number} videoSsrc
 * @property {number} audioSsrc
 */

const withFeedback = [
  `a=rtcp-fb:${VIDEO_PAYLOAD_TYPE} transport-cc`,
  `a=rtpmap:${RTX_PAYLOAD_TYPE} rtx/90000`,
  `a=fmtp:${RTX_PAYLOAD_TYPE} apt=${VIDEO_PAYLOAD_TYPE}`,
]

/**
 * An offer as browsers make it, with all candidates in it: Opus and VP8 in one bundle.
 *
 * @param {'sendonly' | 'recvonly'} direction
 * @param {LocalPeer} local
 * @param {boolean} [hasFeedback] offers transport-wide feedback and RTX
 */
export function writeOffer(direction, local, hasFeedback = false) {
  const section = (mid, kind, payloadTypes, ssrc, codec) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadTypes}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=candidate:1 1 udp 2130706431 127.0.0.1 ${local.port} typ host`,
    'a=end-of-candidates',
    `a=ice-ufrag:${local.iceUfrag}`,
    `a=ice-pwd:${local.icePwd}`,
    `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
    'a=setup:actpass',
    `a=mid:${mid}`,
    'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
    ...(hasFeedback ? [`a=extmap:${TRANSPORT_WIDE_ID} ${TRANSPORT_WIDE_URI}`] : []),
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codec,
    ...(direction === 'sendonly' ? [`a=msid:bench ${kind}`, `a=ssrc:${ssrc} cname:bench`] : []),
  ]
  return [
    'v=0',
    `o=- ${local.videoSsrc} 2 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    'a=msid-semantic: WMS bench',
    ...section('0', 'audio', AUDIO_PAYLOAD_TYPE, local.audioSsrc, [
      `a=rtpmap:${AUDIO_PAYLOAD_TYPE} opus/48000/2`,
      `a=fmtp:${AUDIO_PAYLOAD_TYPE} minptime=10;useinbandfec=1`,
    ]),
    ...section(
      '1',
      'video',
      hasFeedback ? `${VIDEO_PAYLOAD_TYPE} ${RTX_PAYLOAD_TYPE}` : VIDEO_PAYLOAD_TYPE,
      local.videoSsrc,
      [
        `a=rtpmap:${VIDEO_PAYLOAD_TYPE} VP8/90000`,
        `a=rtcp-fb:${VIDEO_PAYLOAD_TYPE} ccm fir`,
        `a=rtcp-fb:${VIDEO_PAYLOAD_TYPE} nack`,
        `a=rtcp-fb:${VIDEO_PAYLOAD_TYPE} nack pli`,
        ...(hasFeedback ? withFeedback : []),
      ],
    ),
    '',
  ].join('\r\n')
}

/**
 * @param {string} sdp
 * @returns {{ iceUfrag: string, icePwd: string, setup: string, fingerprint: { algorithm: string, value: string }, port: number }}
 */
export function readAnswer(sdp) {
  const find = (pattern) => {
    const match = pattern.exec(sdp)
    if (match === null) throw new Error(`the answer has no ${pattern.source}:\n${sdp}`)
    return match
  }
  const [, algorithm, value] = find(/^a=fingerprint:(\S+) (\S+)/m)
  return {
    iceUfrag: find(/^a=ice-ufrag:(\S+)/m)[1],
    icePwd: find(/^a=ice-pwd:(\S+)/m)[1],
    setup: find(/^a=setup:(\S+)/m)[1],
    fingerprint: { algorithm, value },
    port: Number(find(/^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/im)[1]),
  }
}
