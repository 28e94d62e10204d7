import { expect, test } from 'vitest'
import { FrameAssembler } from '../../src/media/frames/frame-assembler.js'
import { createDepacketizer } from '../../src/media/payload/create-depacketizer.js'
import { createPacketizer } from '../../src/media/payload/create-packetizer.js'
import type { MediaLayer } from '../../src/media/types.js'
import { ENCODED_FILES, type EncodedFile } from '../unit/media/payload/encoded-files.js'
import { payloadCodec } from './support/sections.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import { Stage } from './support/stage.js'
import { drive } from './support/test-output.js'
import { RTX, videoSection } from './support/upstream-delivery.js'

const SEED = 41
const FRAME_MS = 1000 / 30
const FRAMES = 600
/** So small that frames have many packets. */
const PAYLOAD_BYTES = 120

const NOTHING = new Uint8Array(0)
const LOSSY = { jitterMs: 5, lossRate: 0.05 }

/** Sends the frames of the file again and again, and returns what should come out. */
function send(publisher: SimulatedPublisher, stage: Stage, { codec, frames, keyframes }: EncodedFile): Uint8Array[] {
  const packetizer = createPacketizer(codec)
  const depacketizer = createDepacketizer(codec)
  const expected: Uint8Array[] = []
  const { uplink, video } = publisher
  for (let i = 0; i < FRAMES; i++) {
    const index = i % frames.length
    // What is lost at either end of a stream cannot be missed.
    const isEnd = i === 0 || i === FRAMES - 1
    Object.assign(uplink.conditions, isEnd ? { lossRate: 0, jitterMs: 0 } : LOSSY)
    const payloads = packetizer.packetize(frames[index] as Buffer, keyframes.includes(index), PAYLOAD_BYTES)
    for (const [p, payload] of payloads.entries()) publisher.send(video.packet(payload, p === payloads.length - 1))
    expected.push(depacketizer.depacketize(payloads) as Uint8Array)
    video.advance(FRAME_MS)
    stage.run(FRAME_MS)
  }
  stage.run(3000)
  return expected
}

test.each(ENCODED_FILES)(`$name comes out as it was, over a link that loses 5 %, seed ${SEED}`, (file) => {
  const stage = new Stage()
  const link = { delayMs: 20, ...LOSSY }
  const codec = { ...payloadCodec(96, file.codec, ['nack', 'nack pli']), rtxPayloadType: RTX.payloadType }
  const sections = [{ ...videoSection(true), codecs: [codec] }]
  const video = { seq: 65_500, timestamp: 0xffff_0000 }
  const publisher = stage.publisher({ sections, video, resends: RTX, seed: SEED, uplink: link, downlink: link })
  const frames: { readonly data: Uint8Array; readonly keyframe: boolean }[] = []
  const assembler = new FrameAssembler({ patienceMs: 1000, onFrame: (frame) => frames.push(frame) })
  const layer = publisher.ingest.tracks[0]?.layers[0] as MediaLayer
  layer.addSink(assembler)
  drive(stage.clock, assembler)
  const expected = send(publisher, stage, file)
  // Which of them differ, as all their bytes would be too much to print.
  const differing = expected.flatMap((data, i) => (Buffer.compare(data, frames[i]?.data ?? NOTHING) === 0 ? [] : [i]))
  expect([frames.length, differing]).toEqual([FRAMES, []])
  const keyframes = frames.flatMap(({ keyframe }, i) => (keyframe ? [i % file.frames.length] : []))
  expect([...new Set(keyframes)]).toEqual(file.keyframes)
  expect(assembler.stats).toMatchObject({ gaps: 0, missingPackets: 0, keyframeRequests: 0 })
  expect(publisher.uplink.stats.lost).toBeGreaterThan(FRAMES * 0.1)
})
