/**
 * Reads which layers the packets of one stream belong to: once when a packet arrives, and again, with the same result, when it comes from
 * the history. Dependency descriptors refer to what earlier packets brought, so each stream has a reader of its own.
 */
import { ExtensionElement } from '../../rtp/header-extension.js'
import { DependencyStream } from '../codecs/dependency-stream.js'
import type { FrameSize } from '../codecs/frame-size.js'
import { LayerIds, readLayerIds } from '../codecs/layer-ids.js'
import { type PacketReading, readPacket } from '../packet-reading.js'
import type { StoredPacket } from '../types.js'

// Scratch memory of the thread.
const element = new ExtensionElement()

const NO_SIZES: readonly FrameSize[] = []

/** The reader of one stream. */
export class LayerReader {
  readonly #descriptorId: number
  readonly #dependency: DependencyStream | undefined
  readonly #ids = new LayerIds()
  #found: LayerIds | undefined
  #sizes = NO_SIZES
  /** Which packet `#found` is about: the history reuses its objects. */
  #packet: StoredPacket | undefined
  #extSeq = -1

  /** @param descriptorId the id of the dependency descriptor in the stream's packets; 0 if they carry none. */
  constructor(descriptorId: number) {
    this.#descriptorId = descriptorId
    this.#dependency = descriptorId === 0 ? undefined : new DependencyStream()
  }

  /** The layers of a packet that has just arrived; undefined where nothing says them. */
  arrived(packet: StoredPacket): LayerIds | undefined {
    return this.#read(packet, true)
  }

  /** The layers of a packet that has been passed to `arrived` before. */
  of(packet: StoredPacket): LayerIds | undefined {
    if (packet === this.#packet && packet.extSeq === this.#extSeq) return this.#found
    return this.#read(packet, false)
  }

  /** By spatial id, the picture sizes that the packet which arrived last has stated in its dependency descriptor; empty if it did not. */
  get sizes(): readonly FrameSize[] {
    return this.#sizes
  }

  #read(packet: StoredPacket, first: boolean): LayerIds | undefined {
    const reading = readPacket(packet)
    this.#packet = packet
    this.#extSeq = packet.extSeq
    this.#found = readLayerIds(reading, this.#descriptor(packet, reading, first), this.#ids)
    return this.#found
  }

  #descriptor(
    packet: StoredPacket,
    reading: PacketReading,
    first: boolean,
  ): DependencyStream['descriptor'] | undefined {
    const stream = this.#dependency
    if (first) this.#sizes = NO_SIZES
    if (stream === undefined || !element.find(packet.bytes, reading.header, this.#descriptorId)) return undefined
    const { offset, length } = element
    const { bytes, extSeq } = packet
    const known = first ? stream.read(bytes, offset, length, extSeq) : stream.readAgain(bytes, offset, length, extSeq)
    if (!known) return undefined
    const { descriptor } = stream
    if (first && descriptor.structureAttached) this.#sizes = descriptor.structure?.resolutions ?? NO_SIZES
    return descriptor
  }
}
