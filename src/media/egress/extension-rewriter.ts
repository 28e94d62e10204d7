/**
 * The header extension of outgoing packets (RFC 8285): our own MID (RFC 8843, section 15), and those of the publisher's elements that mean
 * the same to a viewer, under the viewer's ids. Everything else of the publisher's is left out.
 *
 * The transport-wide sequence number is ours, too; each sending of a packet has its own, see `sendsUnchanged`.
 */

import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import { ExtensionWriter } from '../../rtp/extension-writer.js'
import { ExtensionElement } from '../../rtp/header-extension.js'
import type { HeaderExtension } from '../../rtp/types.js'
import { idBit, type PacketReading } from '../packet-reading.js'
import type { StoredPacket } from '../types.js'
import { CounterContinuity } from './counter-continuity.js'

/** What is handed on from publisher to viewer. */
export const FORWARDED_EXTENSIONS: readonly string[] = [
  EXTENSION_URI.audioLevel,
  EXTENSION_URI.videoOrientation,
  EXTENSION_URI.playoutDelay,
  EXTENSION_URI.absCaptureTime,
  EXTENSION_URI.dependencyDescriptor,
]

/** Start and end flag, template id and frame number: what a dependency descriptor begins with (AV1 payload specification, A.8.1). */
const DESCRIPTOR_HEAD_LENGTH = 3

// Scratch memory of the thread. A packet is prepared and written before the next.
const element = new ExtensionElement()
const writer = new ExtensionWriter()
const descriptorCopy = new Uint8Array(255)

/** Which elements of one source are handed on, and how. */
export interface ExtensionMapping {
  /** The viewer's id by the publisher's id; 0 for what is left out. */
  readonly ids: Uint8Array
  /** The publisher's ids of what is handed on, see `idBit`; 0 if nothing is. */
  readonly idSet: number
  /** The publisher's id of the dependency descriptor, whose frame numbers have to go on through changes of source; 0 without. */
  readonly descriptorId: number
  readonly frameNumberShift: number
}

const NO_EXTENSIONS: ExtensionMapping = {
  ids: new Uint8Array(256),
  idSet: 0,
  descriptorId: 0,
  frameNumberShift: 0,
}

/** Writes the header extensions of one outgoing stream. */
export class ExtensionRewriter {
  readonly #mid: string
  readonly #midId: number
  readonly #viewerExtensions: readonly HeaderExtension[]
  readonly #withheld: readonly string[]
  #mapping = NO_EXTENSIONS
  readonly #frameNumber = new CounterContinuity(16)

  /** @param withheld URIs of what is not handed on, as somebody else writes it. */
  constructor(mid: string, viewerExtensions: readonly HeaderExtension[], withheld: readonly string[] = []) {
    this.#mid = mid
    this.#withheld = withheld
    this.#viewerExtensions = viewerExtensions
    this.#midId = idOf(viewerExtensions, EXTENSION_URI.mid)
  }

  /** The packets that follow carry extensions under these ids. */
  setSource(extensions: readonly HeaderExtension[]): void {
    const ids = new Uint8Array(256)
    let idSet = 0
    let descriptorId = 0
    for (const uri of FORWARDED_EXTENSIONS) {
      const from = idOf(extensions, uri)
      const to = idOf(this.#viewerExtensions, uri)
      if (from === 0 || to === 0 || this.#withheld.includes(uri)) continue
      ids[from] = to
      idSet |= idBit(from)
      if (uri === EXTENSION_URI.dependencyDescriptor) descriptorId = from
    }
    this.#mapping = { ids, idSet, descriptorId, frameNumberShift: this.#mapping.frameNumberShift }
  }

  /** `packet` is the first of a new source; returns how that source's elements are handed on. */
  begin(packet: StoredPacket, read: PacketReading): ExtensionMapping {
    const { descriptorId } = this.#mapping
    if (descriptorId !== 0 && element.find(packet.bytes, read.header, descriptorId)) {
      if (element.length >= DESCRIPTOR_HEAD_LENGTH) {
        const frameNumberShift = this.#frameNumber.begin(frameNumberAt(packet.bytes, element.offset))
        this.#mapping = { ...this.#mapping, frameNumberShift }
      }
    }
    return this.#mapping
  }

  /** What `prepare` has collected; whoever adds to it writes more than `prepare` has measured. */
  get elements(): ExtensionWriter {
    return writer
  }

  /**
   * Collects the elements of `packet`; returns the bytes that `write` is going to write, 0 for no extension.
   *
   * @param mapping that of the packet's source, if that is not the newest.
   * @param transportWideId the id of the transport-wide number, 0 if the packet carries none.
   */
  prepare(
    packet: StoredPacket,
    read: PacketReading,
    withMid: boolean,
    newest: boolean,
    mapping = this.#mapping,
    transportWideId = 0,
    transportSeq = 0,
  ): number {
    writer.reset()
    if (transportWideId !== 0) writer.addNumber(transportWideId, transportSeq & 0xffff, 2)
    if (withMid && this.#midId !== 0) writer.addAscii(this.#midId, this.#mid)
    if ((mapping.idSet & read.elementIds) !== 0) this.#forward(packet, read, newest, mapping)
    return writer.blockLength
  }

  /** Writes the block that `prepare` has measured. */
  write(out: Uint8Array, offset: number): void {
    writer.write(out, offset)
  }

  #forward(packet: StoredPacket, read: PacketReading, newest: boolean, mapping: ExtensionMapping): void {
    const { bytes } = packet
    element.reset(read.header)
    while (element.next(bytes)) {
      const id = mapping.ids[element.id] as number
      if (id === 0) continue
      if (element.id === mapping.descriptorId && element.length >= DESCRIPTOR_HEAD_LENGTH) {
        this.#forwardDescriptor(id, bytes, newest, mapping.frameNumberShift)
      } else {
        writer.add(id, bytes, element.offset, element.length)
      }
    }
  }

  #forwardDescriptor(id: number, bytes: Buffer, newest: boolean, shift: number): void {
    const { offset, length } = element
    for (let i = 0; i < length; i++) descriptorCopy[i] = bytes[offset + i] as number
    const frameNumber = this.#frameNumber.map(frameNumberAt(bytes, offset), shift)
    descriptorCopy[1] = frameNumber >> 8
    descriptorCopy[2] = frameNumber & 0xff
    if (newest) this.#frameNumber.sent(frameNumber)
    writer.add(id, descriptorCopy, 0, length)
  }
}

function frameNumberAt(bytes: Buffer, offset: number): number {
  return ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number)
}

function idOf(extensions: readonly HeaderExtension[], uri: string): number {
  return extensions.find((extension) => extension.uri === uri)?.id ?? 0
}
