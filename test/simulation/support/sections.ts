/** What the simulated peers have negotiated. */
import type { Codec, HeaderExtension, PayloadCodec } from '../../../src/rtp/types.js'

export const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid'
export const RID_URI = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'

export const VP8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
export const H264: Codec = {
  name: 'H264',
  kind: 'video',
  clockRate: 90_000,
  channels: 1,
  parameters: { 'packetization-mode': '1', 'profile-level-id': '42e01f' },
}
export const VP9: Codec = { name: 'VP9', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
export const AV1: Codec = { name: 'AV1', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
export const OPUS: Codec = { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2, parameters: {} }
export const PCMU: Codec = { name: 'PCMU', kind: 'audio', clockRate: 8000, channels: 1, parameters: {} }

export const TRANSPORT_WIDE_URI = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'
export const DESCRIPTOR_URI = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension'
export const REPAIRED_RID_URI = 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id'

export function payloadCodec(
  payloadType: number,
  codec: Codec,
  feedback: readonly string[] = codec.kind === 'video' ? ['nack', 'nack pli', 'ccm fir'] : [],
): PayloadCodec {
  // A copy: every peer connection has its own objects, so that nothing can rely on their identity.
  return { payloadType, codec: { ...codec, parameters: { ...codec.parameters } }, feedback }
}

export const PUBLISHER_EXTENSIONS: readonly HeaderExtension[] = [
  { id: 1, uri: AUDIO_LEVEL_URI },
  { id: 4, uri: MID_URI },
  { id: 10, uri: RID_URI },
]

export const VIEWER_EXTENSIONS: readonly HeaderExtension[] = [
  { id: 3, uri: MID_URI },
  { id: 7, uri: AUDIO_LEVEL_URI },
]
