/**
 * The payload types of our own offers: every codec that can be forwarded, in each configuration that receivers tell apart, so that what a
 * server sends us, or takes from us, is carried on as what it is.
 */
import type { CodecName, MediaKind } from '../rtp/types.js'

/** One payload type of an offer. */
export interface OfferedFormat {
  readonly payloadType: number
  readonly name: CodecName
  /** The value of `a=rtpmap`. */
  readonly rtpMap: string
  /** The value of `a=fmtp`; '' for none. */
  readonly parameters: string
  /** The payload type of its retransmissions; audio has none, as its packets are small and come often. */
  readonly rtxPayloadType?: number
}

const opus: OfferedFormat = {
  payloadType: 111,
  name: 'opus',
  rtpMap: 'opus/48000/2',
  parameters: 'minptime=10;useinbandfec=1;stereo=1',
}

const AUDIO: readonly OfferedFormat[] = [
  opus,
  { payloadType: 63, name: 'red', rtpMap: 'red/48000/2', parameters: `${opus.payloadType}/${opus.payloadType}` },
  { payloadType: 9, name: 'G722', rtpMap: 'G722/8000', parameters: '' },
  { payloadType: 0, name: 'PCMU', rtpMap: 'PCMU/8000', parameters: '' },
  { payloadType: 8, name: 'PCMA', rtpMap: 'PCMA/8000', parameters: '' },
]

/** The level says nothing about what is forwarded; 3.1 is what everybody offers and takes. */
const h264 = (profile: string, mode: 0 | 1): string =>
  `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}1f`
const h265 = (profile: 1 | 2): string => `level-id=180;profile-id=${profile};tier-flag=0;tx-mode=SRST`

/**
 * In order of preference: first what most take. Retransmissions have the number behind. Not all fit from 96 to 127; the rare ones stand from 35
 * on, which RFC 5761, section 4, leaves free for it.
 */
const VIDEO: readonly OfferedFormat[] = (
  [
    [96, 'VP8', ''],
    [98, 'VP9', 'profile-id=0'],
    [102, 'H264', h264('42e0', 1)],
    [104, 'H264', h264('4200', 1)],
    [106, 'H264', h264('4d00', 1)],
    [108, 'H264', h264('640c', 1)],
    [112, 'H264', h264('6400', 1)],
    [114, 'AV1', 'level-idx=5;profile=0;tier=0'],
    [116, 'H265', h265(1)],
    [118, 'H264', h264('42e0', 0)],
    [120, 'H264', h264('4200', 0)],
    [122, 'H264', h264('4d00', 0)],
    [124, 'VP9', 'profile-id=2'],
    [126, 'H265', h265(2)],
    [35, 'H264', h264('640c', 0)],
    [37, 'H264', h264('6400', 0)],
    [39, 'H264', h264('f400', 1)],
    [41, 'H264', h264('f400', 0)],
    [43, 'VP9', 'profile-id=1'],
    [45, 'VP9', 'profile-id=3'],
    [47, 'AV1', 'level-idx=5;profile=1;tier=0'],
  ] as const
).map(([payloadType, name, parameters]) => {
  return { payloadType, name, rtpMap: `${name}/90000`, parameters, rtxPayloadType: payloadType + 1 }
})

/** By kind, in order of preference. */
export const OFFERED_FORMATS: Readonly<Record<MediaKind, readonly OfferedFormat[]>> = { audio: AUDIO, video: VIDEO }
