/** Redundant audio (RFC 2198, RFC 4102), taken where all its blocks are of one codec that is taken itself: then each packet can do without, too. */
import type { Codec } from '../rtp/types.js'
import type { SdpMedia } from './description.js'
import { parseFormatParameters } from './format-parameters.js'
import { decimal } from './syntax.js'

/**
 * The codec of the payload type if it is redundant audio that can be forwarded.
 *
 * @param codecs the codecs of the section that are taken, by payload type.
 */
export function readRed(media: SdpMedia, payloadType: number, codecs: ReadonlyMap<number, Codec>): Codec | undefined {
  const rtpMap = media.rtpMaps.get(payloadType)
  if (rtpMap?.name.toLowerCase() !== 'red') return undefined
  // Not parameters but a list: the payload type of the newest block, then those of the older ones.
  const text = media.formatParameters.get(payloadType) ?? ''
  const listed = new Set(text.split('/').map((entry) => decimal(entry.trim(), 0, 127)))
  const [blockType = -1] = listed
  const block = codecs.get(blockType)
  if (listed.size !== 1 || block?.kind !== 'audio') return undefined
  const { clockRate, channels } = block
  if (rtpMap.clockRate !== clockRate || rtpMap.channels !== channels) return undefined
  const parameters = parseFormatParameters(text)
  return {
    name: 'red',
    kind: 'audio',
    clockRate,
    channels,
    parameters,
    blocks: { payloadType: blockType, codec: block },
  }
}
