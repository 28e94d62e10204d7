/**
 * What a viewer's stream leaves out of its source, and the numbers that go on without it: sequence numbers of all packets, picture ids
 * of VP8. One for each stretch of a stream, i.e. from one change of source to the next; nothing is kept before something is left out.
 */
import type { LayerIds } from '../codecs/layer-ids.js'
import type { Vp8Descriptor } from '../codecs/vp8.js'
import { LayerFilter } from '../layers/layer-filter.js'
import type { StoredPacket } from '../types.js'
import { PictureIdMap } from './picture-id-map.js'
import { SequenceMap } from './sequence-map.js'

/** Missing packets between two of a frame that is left out belong to it; more than that is another loss. */
const MAX_FRAME_GAP = 512

/** The part of a stretch that is forwarded. */
export class LayerThinning {
  readonly filter = new LayerFilter()
  readonly #historyPackets: number | undefined
  /** Packets left out. */
  leftOut = 0
  /** Packets left out whose numbers had been passed: the viewer misses those unless they are filled. */
  holes = 0
  /** After `admit` returned false: the compact number that stays empty and can be filled with a packet of padding; -1 for none. */
  emptyExtSeq = -1
  #sequence: SequenceMap | undefined
  #pictureIds: PictureIdMap | undefined
  #newestPassed = -1
  #newestPictureId = -1
  /** Of the newest packet that was left out. */
  #leftOutExtSeq = -1
  #leftOutTimestamp = -1
  #leftOutSpatialId = -1

  /** @param historyPackets how many packets the layer's history keeps at most, if that is known: no memory goes further back. */
  constructor(historyPackets?: number) {
    this.#historyPackets = historyPackets
  }

  /** `packet` is the first of a new stretch. */
  begin(packet: StoredPacket): void {
    this.filter.begin()
    this.#sequence = undefined
    this.#pictureIds = undefined
    this.#newestPassed = packet.extSeq - 1
    this.#newestPictureId = -1
    this.#leftOutExtSeq = -1
  }

  /** Everything up to `packet` has gone out as it is, before anything was to be left out. `vp8` is its descriptor, if that is its codec. */
  passed(packet: StoredPacket, vp8: Vp8Descriptor | undefined): void {
    if (packet.extSeq > this.#newestPassed) this.#newestPassed = packet.extSeq
    this.filter.passed(packet.timestamp)
    if (vp8?.hasPictureId === true) this.#passPicture(vp8.pictureId, vp8.pictureIdBits)
  }

  /** True if the packet is to be forwarded; `ids` are its layers, undefined where nothing says them. */
  admit(packet: StoredPacket, ids: LayerIds | undefined): boolean {
    this.emptyExtSeq = -1
    if (ids === undefined || this.filter.admit(ids, packet.timestamp)) {
      this.#pass(packet, ids)
      return true
    }
    this.#leaveOut(packet, ids)
    return false
  }

  /** The source's number without what was left out before it, to be used in place of it; -1 if it was left out itself. */
  extSeq(extSeq: number): number {
    return this.#sequence === undefined ? extSeq : this.#sequence.map(extSeq)
  }

  /** The other way round: the source's number; -1 if there is none. */
  sourceExtSeq(compactExtSeq: number): number {
    return this.#sequence === undefined ? compactExtSeq : this.#sequence.source(compactExtSeq)
  }

  /** True if nothing but padding may be sent under the packet's number, see `emptyExtSeq`. */
  isWithheld(extSeq: number): boolean {
    return this.#sequence?.isWithheld(extSeq) ?? false
  }

  /** True if the marker has to be set in the packet, which `admit` has decided: now and whenever it is sent again. */
  setsMarker(extSeq: number): boolean {
    return this.#sequence?.isMarked(extSeq) ?? false
  }

  /** VP8's picture id without the pictures that were left out. */
  pictureId(pictureId: number): number {
    return this.#pictureIds === undefined ? pictureId : this.#pictureIds.map(pictureId)
  }

  #pass(packet: StoredPacket, ids: LayerIds | undefined): void {
    const { extSeq } = packet
    if (ids?.source === 'vp8' && ids.pictureId >= 0) this.#passPicture(ids.pictureId, ids.pictureIdBits)
    if (extSeq > this.#newestPassed) this.#newestPassed = extSeq
    this.#sequence?.map(extSeq)
    if (ids === undefined || packet.marker || !this.filter.endsPicture) return
    this.#sequence ??= new SequenceMap(this.#newestPassed, this.#historyPackets)
    this.#sequence.mark(extSeq)
  }

  #passPicture(pictureId: number, bits: 7 | 15): void {
    if (this.#pictureIds !== undefined) {
      this.#pictureIds.map(pictureId)
      return
    }
    const half = 2 ** (bits - 1)
    const ahead = (pictureId - this.#newestPictureId + 2 * half) % (2 * half)
    if (this.#newestPictureId < 0 || ahead < half) this.#newestPictureId = pictureId
  }

  #leaveOut(packet: StoredPacket, ids: LayerIds): void {
    const { extSeq, timestamp } = packet
    this.leftOut++
    if (ids.source === 'vp8' && ids.pictureId >= 0) {
      const passed = this.#newestPictureId < 0 ? ids.pictureId - 1 : this.#newestPictureId
      this.#pictureIds ??= new PictureIdMap(ids.pictureIdBits, passed, this.#historyPackets)
      this.#pictureIds.drop(ids.pictureId)
    }
    this.#sequence ??= new SequenceMap(this.#newestPassed, this.#historyPackets)
    const sameFrame = timestamp === this.#leftOutTimestamp && ids.spatialId === this.#leftOutSpatialId
    if (sameFrame && this.#leftOutExtSeq >= 0 && extSeq - this.#leftOutExtSeq <= MAX_FRAME_GAP) {
      for (let between = this.#leftOutExtSeq + 1; between < extSeq; between++) this.#sequence.drop(between)
    }
    this.emptyExtSeq = this.#sequence.drop(extSeq)
    if (this.emptyExtSeq >= 0) this.holes++
    if (extSeq <= this.#leftOutExtSeq) return
    this.#leftOutExtSeq = extSeq
    this.#leftOutTimestamp = timestamp
    this.#leftOutSpatialId = ids.spatialId
  }
}
