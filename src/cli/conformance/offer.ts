/** Offers as a browser would make them, with what a check wants to be different. There is no peer behind them. */
import { randomBytes } from 'node:crypto'

/** What is different. */
export interface OfferOptions {
  readonly direction?: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive'
  readonly setup?: 'actpass' | 'active' | 'passive'
  /** The kinds of the m-lines; audio and video by default. */
  readonly kinds?: readonly ('audio' | 'video')[]
  /** Gives the video codecs that nobody knows. */
  readonly unknownVideoCodec?: boolean
  /** Offers three encodings of the video (RFC 8853). */
  readonly simulcast?: boolean
}

/** An offer and what a client remembers of it. */
export interface Offer {
  readonly sdp: string
  readonly kinds: readonly ('audio' | 'video')[]
  readonly iceUfrag: string
  readonly icePwd: string
}

const AUDIO_LINES = ['a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc', 'a=fmtp:111 minptime=10;useinbandfec=1']

const VIDEO_LINES = [
  ...['96 VP8/90000', '97 rtx/90000', '102 H264/90000', '103 rtx/90000'].map((map) => `a=rtpmap:${map}`),
  ...[96, 102].flatMap((type) =>
    ['ccm fir', 'nack', 'nack pli', 'transport-cc'].map((value) => `a=rtcp-fb:${type} ${value}`),
  ),
  'a=fmtp:97 apt=96',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'a=fmtp:103 apt=102',
]

const UNKNOWN_VIDEO_LINES = ['a=rtpmap:96 X-NOBODY-KNOWS/90000']

const EXTENSIONS = {
  mid: 'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
  sequence: 'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  rid: 'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
}

/** The ids of header extensions that offers have. */
export const OFFERED_EXTENSION_IDS: readonly string[] = ['3', '4', '10', '11']

/** New ICE credentials. */
export function iceCredentials(): { iceUfrag: string; icePwd: string } {
  return { iceUfrag: randomBytes(3).toString('base64'), icePwd: randomBytes(18).toString('base64') }
}

/** Writes an offer. */
export function createOffer(options: OfferOptions): Offer {
  const { kinds = ['audio', 'video'], direction = 'sendonly' } = options
  const credentials = iceCredentials()
  const fingerprint = [...randomBytes(32)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')
  const stream = randomBytes(6).toString('hex')
  const sends = direction !== 'recvonly' && direction !== 'inactive'
  const sections = kinds.flatMap((kind, index) => {
    const isVideo = kind === 'video'
    const unknown = isVideo && options.unknownVideoCodec === true
    const simulcast = isVideo && options.simulcast === true
    const types = isVideo ? (unknown ? '96' : '96 97 102 103') : '111'
    return [
      // Of a bundle, only the first section has a transport of its own (RFC 9429, section 5.2.1: max-bundle).
      `m=${kind} ${index === 0 ? 9 : 0} UDP/TLS/RTP/SAVPF ${types}`,
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:${credentials.iceUfrag}`,
      `a=ice-pwd:${credentials.icePwd}`,
      `a=fingerprint:sha-256 ${fingerprint}`,
      `a=setup:${options.setup ?? 'actpass'}`,
      `a=mid:${index}`,
      ...(index === 0 ? [] : ['a=bundle-only']),
      EXTENSIONS.mid,
      EXTENSIONS.sequence,
      ...(simulcast ? [EXTENSIONS.rid, EXTENSIONS.repairedRid] : []),
      `a=${direction}`,
      ...(sends ? [`a=msid:${stream} ${stream}-${index}`] : []),
      'a=rtcp-mux',
      'a=rtcp-mux-only',
      ...(isVideo ? ['a=rtcp-rsize'] : []),
      ...(unknown ? UNKNOWN_VIDEO_LINES : isVideo ? VIDEO_LINES : AUDIO_LINES),
      ...(simulcast ? ['a=rid:h send', 'a=rid:m send', 'a=rid:l send', 'a=simulcast:send h;m;l'] : []),
    ]
  })
  const lines = [
    'v=0',
    `o=- ${randomBytes(6).readUIntBE(0, 6)} 2 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${kinds.map((_, index) => index).join(' ')}`,
    'a=extmap-allow-mixed',
    'a=ice-options:trickle ice2',
    ...sections,
    '',
  ]
  return { sdp: lines.join('\r\n'), kinds, ...credentials }
}

/** A fragment of that ICE session (RFC 8840, section 4.4). */
export function createFragment(
  { iceUfrag, icePwd }: Pick<Offer, 'iceUfrag' | 'icePwd'>,
  lines: readonly string[] = [],
): string {
  const all = [
    'a=ice-options:trickle ice2',
    'a=group:BUNDLE 0 1',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=mid:0',
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    ...lines,
  ]
  return `${all.join('\r\n')}\r\n`
}

/** A candidate at an address that leads nowhere (RFC 5737). */
export const CANDIDATE = 'a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0'
