/** Whether pictures say themselves that none is missing between them. */
import type { Codec } from '../../rtp/types.js'
import type { PictureIds } from '../codecs/picture-ids.js'
import { Vp8Descriptor } from '../codecs/vp8.js'
import { Vp9Descriptor } from '../codecs/vp9.js'
import { beginsFrame } from './begins-frame.js'

/** A packet of a picture. */
interface PicturePacket {
  readonly codec: Codec
  readonly payload: Uint8Array
}

// Scratch memory of the thread, where packets are handled one at a time.
const vp8 = [new Vp8Descriptor(), new Vp8Descriptor()] as const
const vp9 = [new Vp9Descriptor(), new Vp9Descriptor()] as const

/**
 * True if `next` surely begins the picture behind the one that `before` is a packet of: the picture ids of VP8 and VP9 tell (RFC 7741 and RFC
 * 9628, section 4.2). So what was numbered in between was no media.
 */
export function followsPicture(before: PicturePacket, next: PicturePacket): boolean {
  const { name } = next.codec
  if (name !== before.codec.name || (name !== 'VP8' && name !== 'VP9')) return false
  const [first, second]: readonly [Vp8Descriptor | Vp9Descriptor, Vp8Descriptor | Vp9Descriptor] =
    name === 'VP8' ? vp8 : vp9
  const areWhole =
    first.parse(before.payload, 0, before.payload.length) && second.parse(next.payload, 0, next.payload.length)
  return areWhole && isNext(first, second) && beginsFrame(next.codec, next.payload)
}

function isNext(first: PictureIds, second: PictureIds): boolean {
  if (!first.hasPictureId || !second.hasPictureId || first.pictureIdBits !== second.pictureIdBits) return false
  return second.pictureId === ((first.pictureId + 1) & (2 ** second.pictureIdBits - 1))
}
