/**
 * What a viewer's stream leaves out of its source, and the numbers that go on without it: sequence numbers of all packets, picture ids
 * of VP8. One for each stretch of a stream, i.e. from one change of source to the next; nothing is kept before something is left out.
 */
import type { LayerIds } from '../codecs/layer-ids.js'
import { LayerFilter } from '../layers/layer-filter.js'
import type { StoredPacket } from '../types.js'
import { LeftOutPictures } from './left-out-pictures.js'
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
  /** What `admit` has found of the packet's place in its picture. */
  #endsPicture = false
  #sequence: SequenceMap | undefined
  #pictures: LeftOutPictures | undefined
  #newestPassed = -1
  /** Of the newest packet that was left out. */
  #leftOutExtSeq = -1
  #leftOutTimestamp = -1
  #leftOutSpatialId = -1

  /** @param historyPackets how many packets the layer's history keeps at most: no memory goes further back. */
  constructor(historyPackets?: number) {
    this.#historyPackets = historyPackets
  }

  /** Another stretch begins, with the packet `first`. */
  begin(first: Pick<StoredPacket, 'extSeq'>): void {
    this.filter.begin()
    this.#sequence = undefined
    this.#pictures = undefined
    this.#newestPassed = first.extSeq - 1
    this.#leftOutExtSeq = -1
  }

  /** Everything up to `packet` has gone out as it is, before anything was to be left out. */
  passed(packet: Pick<StoredPacket, 'extSeq' | 'timestamp'>): void {
    if (packet.extSeq > this.#newestPassed) this.#newestPassed = packet.extSeq
    this.filter.passed(packet.timestamp)
  }

  /** True if the packet is to be forwarded, sooner or later; `ids` are its layers, undefined where nothing says them. */
  admit(packet: StoredPacket, ids: LayerIds | undefined): boolean {
    this.emptyExtSeq = -1
    this.#endsPicture = false
    if (ids === undefined) return true
    const admitted = this.filter.admit(ids, packet.timestamp)
    if (!admitted) this.#leaveOut(packet, ids)
    this.#endsPicture = admitted && this.filter.endsPicture
    return admitted
  }

  /** The packet is being sent, which `admit` has just been asked about: what is left out from now on comes behind it. */
  pass(packet: StoredPacket): void {
    const { extSeq } = packet
    if (extSeq > this.#newestPassed) this.#newestPassed = extSeq
    this.#sequence?.map(extSeq)
    this.#pictures?.pass(extSeq)
    if (packet.marker || !this.#endsPicture) return
    this.#sequence ??= new SequenceMap(this.#newestPassed, this.#historyPackets)
    this.#sequence.mark(extSeq)
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

  /** VP8's picture id of the packet, `pictureId`, without the pictures that were left out before it. */
  pictureId(extSeq: number, pictureId: number): number {
    return this.#pictures === undefined ? pictureId : this.#pictures.close(extSeq, pictureId)
  }

  #leaveOut(packet: StoredPacket, ids: LayerIds): void {
    const { extSeq, timestamp } = packet
    this.leftOut++
    if (ids.pictureId >= 0) {
      this.#pictures ??= new LeftOutPictures(this.#newestPassed, this.#historyPackets)
      this.#pictures.leaveOut(extSeq, ids.pictureId)
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
