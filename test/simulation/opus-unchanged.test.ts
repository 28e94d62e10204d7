import { expect, test } from 'vitest'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import { Stage } from './support/stage.js'

/** A TOC byte of SILK, wideband, 20 ms, with LBRR data of the frame before (RFC 6716, section 3.1 and 4.2.4), and filler. */
function frameWithFec(i: number): Buffer {
  return Buffer.from([0x48, 0x60 | (i & 0x0f), ...Array.from({ length: 40 }, (_, at) => (i * 7 + at) & 0xff)])
}

/** What remains of a frame without sound: the TOC byte alone (RFC 6716, section 2.1.9). */
const DTX_FRAME = Buffer.from([0x48])

interface Sent {
  readonly payload: Buffer
  readonly marker: boolean
  readonly timestamp: number
}

/** Talk of a second, then silence of two with a frame every 400 ms, and so on. */
function talk(stage: Stage, { audio, uplink }: SimulatedPublisher, spurts: number): Sent[] {
  const sent: Sent[] = []
  const send = (payload: Buffer, marker: boolean, durationMs: number): void => {
    sent.push({ payload, marker, timestamp: audio.timestamp })
    uplink.send(audio.packet(payload, marker))
    audio.advance(durationMs)
    stage.run(durationMs)
  }
  for (let spurt = 0; spurt < spurts; spurt++) {
    for (let i = 0; i < 50; i++) send(frameWithFec(i), i === 0, 20)
    for (let i = 0; i < 5; i++) send(DTX_FRAME, false, 400)
  }
  return sent
}

test('discontinuous transmission and in-band FEC go through untouched: payloads, markers, the distances in time', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  const sent = talk(stage, publisher, 10)
  stage.run(200)
  const { packets } = viewer.audio
  expect(packets.map(({ payload, marker }) => [payload.toString('hex'), marker])).toEqual(
    sent.map(({ payload, marker }) => [payload.toString('hex'), marker]),
  )
  const shift = (packets[0]?.timestamp ?? 0) - (sent[0]?.timestamp ?? 0)
  expect(packets.map(({ timestamp }) => timestamp)).toEqual(sent.map(({ timestamp }) => (timestamp + shift) >>> 0))
  expect(viewer.audio.gaps()).toBe(0)
})
