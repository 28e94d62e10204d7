/** The codecs of plain RTP, and the payload types that they go by where nothing else was agreed on. */
import type { Codec, PayloadCodec } from '../../rtp/types.js'
import { objectOption, refuseOption } from '../../util/options.js'
import { type LocalCodec, type LocalCodecName, trackCodec } from '../track-codec.js'

/** The static types of RFC 3551, table 4, and numbers of the dynamic range. */
const PAYLOAD_TYPES: Readonly<Record<LocalCodecName, number>> = {
  VP8: 96,
  VP9: 98,
  H264: 102,
  H265: 104,
  AV1: 106,
  opus: 111,
  PCMU: 0,
  PCMA: 8,
  G722: 9,
}

/** A codec as plain RTP carries it; undefined for redundant audio, which is carried without its redundancy. */
export function payloadCodec(codec: Codec, feedback: readonly string[]): PayloadCodec | undefined {
  return codec.name === 'red' ? undefined : { payloadType: PAYLOAD_TYPES[codec.name], codec, feedback }
}

/** The codec that an option says. Throws `option-invalid`. */
export function codecOption(option: string, value: LocalCodecName | LocalCodec): PayloadCodec {
  if (typeof value !== 'string') {
    const { parameters } = objectOption(option, value, 'the name of a codec, or { name, parameters }')
    for (const [key, text] of Object.entries(parameters ?? {})) {
      // They are written into descriptions, where a line break would begin another line.
      if (typeof text !== 'string' || !/^[\x21-\x3a\x3c-\x7e]*$/.test(text) || !/^[A-Za-z0-9-]+$/.test(key)) {
        refuseOption(`${option}.parameters`, 'printable texts without spaces and semicolons', text)
      }
    }
  }
  return payloadCodec(trackCodec(value), []) as PayloadCodec
}
