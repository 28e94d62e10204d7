/** An encoder and packetizer with temporal and spatial layers, that remembers which frames it has sent and what each of them needs. */
import { SyntheticVideo, type SyntheticVideoOptions, type TakePacket } from '../../../src/testing/synthetic-video.js'
import { writeDescriptor } from '../../unit/media/codecs/dependency-bytes.js'
import { type LayerStructure, structureOf } from './dependency-structures.js'
import { frameNeeds, type LayerMode, type PatternPicture, patternOf } from './layer-patterns.js'
import { payloadHead } from './layered-payloads.js'

/** Bytes at the end of each payload that say where it comes from. */
const ORIGIN_LENGTH = 8

export interface LayeredVideoOptions extends SyntheticVideoOptions {
  readonly codec: 'VP8' | 'VP9' | 'AV1' | 'H264'
  readonly mode: LayerMode
  /** Tells encoders apart. */
  readonly tag: number
  /** The id of the dependency descriptor, for an encoder that sends it. */
  readonly descriptorId?: number
  /** Of VP9. */
  readonly flexible?: boolean
  readonly pictureIdBits?: 7 | 15
  /** False for a payload descriptor without layers. */
  readonly layered?: boolean
  /** See `PayloadFacts`. */
  readonly bare?: boolean
  /** The rid that packets carry, and the id of its extension. */
  readonly rid?: { readonly id: number; readonly rid: string }
}

/** A frame as it was sent: of one spatial layer. */
export interface SentFrame {
  readonly tag: number
  readonly index: number
  readonly picture: number
  readonly spatialId: number
  readonly temporalId: number
  readonly key: boolean
  /** Indices of frames of the same encoder. */
  readonly needs: readonly number[]
  readonly parts: number
  readonly pictureId: number
  readonly frameNumber: number
}

/** Where a payload comes from. */
export interface PayloadOrigin {
  readonly tag: number
  readonly index: number
  readonly part: number
}

/** Reads what {@link LayeredVideo} has written into a payload. */
export function originOf(payload: Buffer): PayloadOrigin {
  const at = payload.length - ORIGIN_LENGTH
  return { tag: payload.readUInt16BE(at), index: payload.readUInt32BE(at + 2), part: payload.readUInt16BE(at + 6) }
}

export class LayeredVideo extends SyntheticVideo {
  /** By index. */
  readonly sent: SentFrame[] = []
  /** Of the next frame, 16 bit. */
  frameNumber = 0xfff0
  /** Spatial layers that are produced; fewer than there could be when the publisher's network is narrow. */
  activeSpatial: number
  readonly tag: number
  readonly codec: LayeredVideoOptions['codec']
  readonly pictureIdBits: 7 | 15
  readonly #options: LayeredVideoOptions
  readonly #pattern: readonly PatternPicture[]
  #pictures = 0
  #keyPicture = 0
  #structure: LayerStructure | undefined

  constructor(options: LayeredVideoOptions) {
    super(options)
    this.#options = options
    this.tag = options.tag
    this.codec = options.codec
    this.pictureIdBits = options.pictureIdBits ?? 15
    this.activeSpatial = options.mode.spatial
    this.#pattern = patternOf(options.codec, options.mode, options.descriptorId !== undefined)
  }

  override frame(durationMs: number, take: TakePacket): void {
    const key = this.keyframeWanted
    this.keyframeWanted = false
    if (key) this.#beginSequence()
    const place = (this.#pictures - this.#keyPicture) % this.#pattern.length
    const { temporalId } = this.#pattern[place] as PatternPicture
    const { mode } = this.#options
    if (temporalId === 0) this.tl0PicIdx = (this.tl0PicIdx + 1) & 0xff
    for (let spatialId = 0; spatialId < mode.spatial; spatialId++) this.#layerFrame(spatialId, place, key, take)
    this.framesSent++
    if (key) this.keyframesSent++
    this.#pictures++
    this.pictureId = (this.pictureId + 1) & (this.pictureIdBits === 7 ? 0x7f : 0x7fff)
    this.advance(durationMs)
  }

  #beginSequence(): void {
    this.#keyPicture = this.#pictures
    const { mode, descriptorId } = this.#options
    if (descriptorId === undefined) return
    // Every sequence has other template ids, so that late packets are not taken for its own.
    const { templateIdOffset = 0, templates = [] } = this.#structure?.structure ?? {}
    this.#structure = structureOf(mode, (templateIdOffset + templates.length) % 64)
  }

  #layerFrame(spatialId: number, place: number, key: boolean, take: TakePacket): void {
    const { mode, framePackets = 3, tag } = this.#options
    const { temporalId, needs } = this.#pattern[place] as PatternPicture
    const index = this.sent.length
    const isProduced = spatialId < this.activeSpatial
    // An upper layer has more packets, as its frames are larger.
    const parts = isProduced ? (key ? 3 : 1) * framePackets * (spatialId + 1) : 0
    const back = frameNeeds(mode, needs, spatialId, key)
    const frame: SentFrame = {
      ...{ tag, index, picture: this.#pictures, spatialId, temporalId, key, parts },
      needs: back.map((frames) => index - frames),
      pictureId: this.pictureId,
      frameNumber: this.frameNumber,
    }
    this.sent.push(frame)
    for (let part = 0; part < parts; part++) {
      this.elements = this.#elements(frame, place, part)
      const isLast = part === parts - 1 && spatialId === this.activeSpatial - 1
      take(this.packet(this.#layeredPayload(frame, place, part), isLast))
    }
    this.frameNumber = (this.frameNumber + 1) & 0xffff
  }

  #elements({ spatialId, key, frameNumber, parts }: SentFrame, place: number, part: number): typeof this.elements {
    const { rid, descriptorId, mode } = this.#options
    const elements = rid === undefined ? [] : [{ id: rid.id, data: Buffer.from(rid.rid) }]
    const known = this.#structure
    if (descriptorId === undefined || known === undefined) return elements
    const isFirst = part === 0
    const begins = key && spatialId === 0 && isFirst
    const active = 2 ** (this.activeSpatial * mode.temporal) - 1
    const isReduced = isFirst && this.activeSpatial < mode.spatial
    const data = writeDescriptor({
      startOfFrame: isFirst,
      endOfFrame: part === parts - 1,
      templateId: known.templateOf(spatialId, place, key),
      frameNumber,
      structure: begins ? known.structure : undefined,
      activeTargets: isReduced ? active : undefined,
      inForce: known.structure,
    })
    return [...elements, { id: descriptorId, data }]
  }

  #layeredPayload(frame: SentFrame, place: number, part: number): Buffer {
    const { pictureIdBits } = this
    const { codec, mode, packetBytes = 500, width = 1280, height = 720 } = this.#options
    const { key, spatialId, temporalId, parts } = frame
    const { needs, switching } = this.#pattern[place] as PatternPicture
    const sizes = Array.from({ length: mode.spatial }, (_, i) => {
      const scale = 2 ** (mode.spatial - 1 - i)
      return { width: width / scale, height: height / scale }
    })
    const head = payloadHead(codec, {
      ...{ key, spatialId, temporalId, switching, needs, pictureIdBits, sizes },
      needsLower: spatialId > 0 && (key || mode.keyOnly !== true),
      pictureId: frame.pictureId,
      tl0PicIdx: this.tl0PicIdx,
      first: part === 0,
      last: part === parts - 1,
      layered: this.#options.layered !== false,
      bare: this.#options.bare === true,
      flexible: this.#options.flexible === true,
    })
    const payload = Buffer.alloc(head.length + packetBytes + ORIGIN_LENGTH, frame.index & 0xff)
    head.copy(payload)
    const at = payload.length - ORIGIN_LENGTH
    payload.writeUInt16BE(frame.tag, at)
    payload.writeUInt32BE(frame.index, at + 2)
    payload.writeUInt16BE(part, at + 6)
    return payload
  }
}
