/** How the frames of a codec become RTP payloads. */
import type { Codec } from '../../rtp/types.js'
import { AudioPacketizer } from './audio-packetizer.js'
import { Av1Packetizer } from './av1-packetizer.js'
import { H264Packetizer } from './h264-packetizer.js'
import { H265Packetizer } from './h265-packetizer.js'
import { RedPacketizer } from './red-packetizer.js'
import type { Packetizer } from './types.js'
import { Vp8Packetizer } from './vp8-packetizer.js'
import { Vp9Packetizer } from './vp9-packetizer.js'

/**
 * A packetizer for one track. Of `codec.parameters` it heeds H264's packetization-mode, which is 0 where it is not said (RFC 6184, section 8.1).
 *
 * It never throws, whatever the frame's bytes are: what is malformed is left out, or goes as it is where nobody has to look into it.
 */
export function createPacketizer(codec: Codec): Packetizer {
  switch (codec.name) {
    case 'VP8':
      return new Vp8Packetizer()
    case 'VP9':
      return new Vp9Packetizer()
    case 'H264':
      return new H264Packetizer(codec)
    case 'H265':
      return new H265Packetizer()
    case 'AV1':
      return new Av1Packetizer()
    case 'red':
      return new RedPacketizer(codec)
    default:
      return new AudioPacketizer()
  }
}
