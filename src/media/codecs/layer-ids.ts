/**
 * Which temporal and spatial layer a packet belongs to, and where a receiver may begin with a higher one: from the payload descriptors of
 * VP8 (RFC 7741, section 4.2) and VP9 (RFC 9628, section 4.2), or from the dependency descriptor of any codec.
 */
import type { DependencyDescriptor } from './dependency-descriptor.js'
import type { Vp8Descriptor } from './vp8.js'
import type { Vp9Descriptor } from './vp9.js'

/** Where a {@link LayerIds} comes from, which says what its switching points mean. */
export type LayerIdsSource = 'vp8' | 'vp9' | 'descriptor'

/** The layers of one packet, reused from packet to packet. */
export class LayerIds {
  source: LayerIdsSource = 'vp8'
  temporalId = 0
  spatialId = 0
  /** The packet ends a layer frame; not known of VP8, where it is the marker. */
  endOfFrame = false
  /** VP8's Y: the frame depends on the base layer only, so whoever has that may begin with this layer here. */
  layerSync = false
  /** VP9's U: later pictures of higher temporal layers depend on nothing of theirs from before this picture. */
  switchingUp = false
  /** The frame depends on earlier pictures. */
  interPredicted = true
  /** VP9's D: the frame depends on the next lower spatial layer of its picture. */
  interLayerPredicted = false
  /** VP9: references are picture id differences, so picture ids may have gaps but not move together. */
  flexible = false
  /** VP8's, which must not show that pictures are left out: 15 or 7 bit; -1 without, and for other codecs. */
  pictureId = -1
  /** The whole truth where there is a dependency descriptor. It belongs to its stream and is reused. */
  descriptor: DependencyDescriptor | undefined

  /** Takes them from VP8; false if the packet has no temporal layer. */
  readVp8(vp8: Vp8Descriptor): boolean {
    if (!vp8.hasTemporalId) return false
    this.source = 'vp8'
    this.temporalId = vp8.temporalId
    this.spatialId = 0
    this.endOfFrame = false
    this.layerSync = vp8.layerSync
    this.switchingUp = false
    this.interPredicted = !vp8.keyframe
    this.interLayerPredicted = false
    this.flexible = false
    this.pictureId = pictureIdOf(vp8)
    this.descriptor = undefined
    return true
  }

  /** Takes them from VP9; false if the packet has no layer ids. */
  readVp9(vp9: Vp9Descriptor): boolean {
    if (!vp9.hasLayerIds) return false
    this.source = 'vp9'
    this.temporalId = vp9.temporalId
    this.spatialId = vp9.spatialId
    this.endOfFrame = vp9.endOfFrame
    this.layerSync = false
    this.switchingUp = vp9.switchingUp
    this.interPredicted = vp9.interPredicted
    this.interLayerPredicted = vp9.interLayerPredicted
    this.flexible = vp9.flexible
    this.pictureId = -1
    this.descriptor = undefined
    return true
  }

  /**
   * Takes them from a dependency descriptor that has been read successfully.
   *
   * @param vp8 the payload's own descriptor, if that is the codec.
   */
  readDescriptor(descriptor: DependencyDescriptor, vp8?: Vp8Descriptor): boolean {
    this.source = 'descriptor'
    this.temporalId = descriptor.temporalId
    this.spatialId = descriptor.spatialId
    this.endOfFrame = descriptor.endOfFrame
    this.layerSync = false
    this.switchingUp = false
    this.interPredicted = descriptor.referenceCount > 0
    this.interLayerPredicted = false
    this.flexible = false
    this.pictureId = vp8 ? pictureIdOf(vp8) : -1
    this.descriptor = descriptor
    return true
  }
}

function pictureIdOf({ hasPictureId, pictureId }: Vp8Descriptor): number {
  return hasPictureId ? pictureId : -1
}

/** The descriptors of a packet that have been read already, as far as it has them. */
export interface PacketDescriptors {
  /** Which of the payload's descriptors is valid. */
  readonly descriptor: 'vp8' | 'vp9' | undefined
  readonly vp8: Vp8Descriptor
  readonly vp9: Vp9Descriptor
}

/**
 * The layers of the packet; undefined where nothing says them, so that nothing of it can be left out. The payload's own descriptor goes
 * before the dependency descriptor; beside that, Chromium sends VP8's without layers and picture ids.
 *
 * @param dependency the packet's dependency descriptor, if it has one that could be read.
 * @param ids what they are written to, and what is returned.
 */
export function readLayerIds(
  packet: PacketDescriptors,
  dependency: DependencyDescriptor | undefined,
  ids: LayerIds,
): LayerIds | undefined {
  const { descriptor, vp8, vp9 } = packet
  if (descriptor === 'vp8' && ids.readVp8(vp8)) return ids
  if (descriptor === 'vp9' && ids.readVp9(vp9)) return ids
  if (dependency === undefined) return undefined
  ids.readDescriptor(dependency, descriptor === 'vp8' ? vp8 : undefined)
  return ids
}
