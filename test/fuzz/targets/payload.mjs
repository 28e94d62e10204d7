/** Payloads of all codecs, and dependency descriptors: keyframes, picture sizes, layers, picture ids. The first byte says of what. */
import { DependencyStream } from '../../../dist/media/codecs/dependency-stream.js'
import { isKeyframeStart } from '../../../dist/media/codecs/keyframe.js'
import { LayerIds, readLayerIds } from '../../../dist/media/codecs/layer-ids.js'
import { readFrameSize, readSpatialSizes } from '../../../dist/media/codecs/read-frame-size.js'
import { rewriteVp8, Vp8Descriptor } from '../../../dist/media/codecs/vp8.js'
import { rewriteVp9, Vp9Descriptor } from '../../../dist/media/codecs/vp9.js'
import { mutateBytes } from '../engine/mutate-bytes.mjs'
import { must, readInTwoPlaces } from '../engine/oracles.mjs'

const CODECS = ['VP8', 'VP9', 'H264', 'H265', 'AV1'].map((name) => ({
  name,
  kind: 'video',
  clockRate: 90_000,
  channels: 1,
  parameters: {},
}))
const DESCRIPTOR = CODECS.length
const vp8 = new Vp8Descriptor()
const vp9 = new Vp9Descriptor()
const layerIds = new LayerIds()

/** What comes first in each corpus; the rest of it is in the corpus file, from real encoders. */
const seeds = () =>
  [
    '0090e0817f2010009d012a80026801',
    '018ffe8123110102001801018000e001',
    '02',
    '026742c00ada0b13b0110000030001000003000a0f1226a0',
    '02781000046742c00a00026800',
    '0342010101600000030090000003000003001ea01620245965654a4c2f0168080000030008000003002840',
    '04180a0b00000004479e',
    '05c00001801400e3',
  ].map((hex) => Buffer.from(hex, 'hex'))

function run(input) {
  if (input.length === 0) return
  const kind = input[0] % (DESCRIPTOR + 1)
  const payload = input.subarray(1)
  if (kind === DESCRIPTOR) readDescriptors(payload)
  else readInTwoPlaces(payload, (buffer, start, end, note) => readPayload(CODECS[kind], buffer, start, end, note))
}

function readPayload(codec, buffer, start, end, note) {
  note(isKeyframeStart(codec, buffer, start, end))
  const size = readFrameSize(codec, buffer, start, end)
  must(size === undefined || (size.width > 0 && size.height > 0), 'a picture has a size')
  note(size?.width, size?.height)
  for (const layer of readSpatialSizes(codec, buffer, start, end)) note(layer?.width, layer?.height)
  const isVp8 = codec.name === 'VP8' && vp8.parse(buffer, start, end)
  const isVp9 = codec.name === 'VP9' && vp9.parse(buffer, start, end)
  if (!isVp8 && !isVp9) return
  const descriptor = isVp8 ? vp8 : vp9
  note(descriptor.hasPictureId, descriptor.pictureId, descriptor.hasTl0PicIdx, descriptor.tl0PicIdx)
  for (const at of [descriptor.pictureIdOffset, descriptor.tl0PicIdxOffset]) {
    must(at === -1 || (at > start && at < end), 'picture ids lie within the payload')
  }
  const ids = readLayerIds({ descriptor: isVp8 ? 'vp8' : 'vp9', vp8, vp9 }, undefined, layerIds)
  if (ids) note(ids.temporalId, ids.spatialId, ids.pictureId, ids.endOfFrame)
  // What was rewritten is read back.
  if (isVp8) rewriteVp8(buffer, vp8, 0x55, 0x77)
  else rewriteVp9(buffer, vp9, 0x55, 0x77)
  must(descriptor.parse(buffer, start, end), 'a rewritten payload is one')
  must(!descriptor.hasPictureId || descriptor.pictureId === 0x55, 'with the new picture id')
  must(!descriptor.hasTl0PicIdx || descriptor.tl0PicIdx === 0x77, 'and the new index')
}

/** A row of elements of one stream, each behind its length: what the first ones bring, the later ones refer to. */
function readDescriptors(payload) {
  readInTwoPlaces(payload, (buffer, start, end, note) => {
    const stream = new DependencyStream()
    for (let at = start; at < end; ) {
      const length = Math.min(buffer[at], end - at - 1)
      if (!stream.read(buffer, at + 1, length)) note(-1)
      else {
        const { descriptor } = stream
        must(descriptor.spatialId < 64 && descriptor.temporalId < 64, 'there are no more layers than templates')
        const targetCount = descriptor.structure?.targets.length ?? 0
        must(targetCount <= 32 && descriptor.chainDiffs.length <= 32, 'and so are decode targets and chains')
        note(descriptor.frameNumber, descriptor.templateId, descriptor.spatialId, descriptor.temporalId)
        note(descriptor.referenceCount, descriptor.activeTargets, ...descriptor.indications, ...descriptor.chainDiffs)
        must(readLayerIds({ descriptor: undefined, vp8, vp9 }, descriptor, layerIds) !== undefined, 'they are layers')
      }
      at += 1 + length
    }
  })
}

export const target = { seeds, mutate: mutateBytes, maxLength: 1400, run }
