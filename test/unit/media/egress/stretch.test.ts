import { expect, test } from 'vitest'
import { LayerIds } from '../../../../src/media/codecs/layer-ids.js'
import type { OutgoingStream } from '../../../../src/media/egress/outgoing-stream.js'
import { Stretch } from '../../../../src/media/egress/stretch.js'
import { ALL_LAYERS } from '../../../../src/media/layers/layer-limits.js'
import type { MediaLayer, StoredPacket } from '../../../../src/media/types.js'
import type { Codec } from '../../../../src/rtp/types.js'

const codec: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
/** The viewer's numbers are the source's and so much. */
const SHIFT = 5000

function packet(extSeq: number): StoredPacket {
  const bytes = Buffer.alloc(13)
  const facts = { bytes, start: 0, length: 13, headerLength: 12, marker: true, keyframe: false, arrivalMs: 0, codec }
  return { ...facts, extSeq, timestamp: extSeq * 3000 }
}

const upperLayer = Object.assign(new LayerIds(), { source: 'vp8', temporalId: 2, pictureId: 7 })

/** It begins with the packet 1000 and is limited to the base layer from there. */
function thinned(): Stretch {
  const layer = { layerIds: () => upperLayer, history: { get: () => undefined } } as unknown as MediaLayer
  const stream = { extSeq: (extSeq: number) => extSeq + SHIFT } as OutgoingStream
  const payloadCodec = { payloadType: 96, codec, feedback: [] }
  const counters = { pictureId: 0, tl0PicIdx: 0 }
  const extensions = { ids: new Uint8Array(256), idSet: 0, descriptorId: 0, frameNumberShift: 0 }
  const stretch = new Stretch(layer, payloadCodec, packet(1000), stream, counters, extensions)
  stretch.thin({ spatialId: ALL_LAYERS, temporalId: 0 }, 999, 64)
  for (const extSeq of [1000, 1002]) stretch.pass(packet(extSeq))
  return stretch
}

test('a packet of it that is left out late leaves its number empty', () => {
  const stretch = thinned()
  // Before something is left out there is no map, and nothing to be late for.
  expect(stretch.thinning?.admit(packet(1003), upperLayer)).toBe(false)
  expect(stretch.thinning?.admit(packet(1001), upperLayer)).toBe(false)
  expect(stretch.emptyExtSeq).toBe(1001 + SHIFT)
})

test('one that its first packet has overtaken has no number in it: those are of the stretch before', () => {
  const stretch = thinned()
  expect(stretch.thinning?.admit(packet(998), upperLayer)).toBe(false)
  expect(stretch.emptyExtSeq).toBe(-1)
})
