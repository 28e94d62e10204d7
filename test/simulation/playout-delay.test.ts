import { expect, test } from 'vitest'
import { EXTENSION_URI } from '../../src/rtp/extension-uri.js'
import { viewerVideo } from './support/downstream-delivery.js'
import { elementOf } from './support/extension-elements.js'
import { PUBLISHER_EXTENSIONS } from './support/sections.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import type { ReceivedPacket } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'
import { isRtcp } from './support/test-output.js'
import { videoSection } from './support/upstream-delivery.js'

/** 200 to 1000 ms, as 20 and 100 in twelve bits each. */
const PLAYOUT_DELAY = { minMs: 200, maxMs: 1000 }
const ELEMENT = '014064'

const PUBLISHER_ID = 6
const VIEWER_ID = 5

/** A viewer's section that has negotiated the extension. */
function section(rtx: boolean) {
  const video = viewerVideo(rtx)
  return { ...video, extensions: [...video.extensions, { id: VIEWER_ID, uri: EXTENSION_URI.playoutDelay }] }
}

/** A publisher whose own packets all ask for no delay at all, with a keyframe every second. */
function publishing(stage: Stage): SimulatedPublisher {
  const extensions = [...PUBLISHER_EXTENSIONS, { id: PUBLISHER_ID, uri: EXTENSION_URI.playoutDelay }]
  const publisher = stage.publisher({
    sections: [{ ...videoSection(false), extensions }],
    audioEnabled: false,
    video: { elements: [{ id: PUBLISHER_ID, data: Buffer.alloc(3) }] },
  })
  publisher.start()
  const keyframes = (): void => {
    publisher.video.keyframeWanted = true
    stage.clock.setTimer(1000, keyframes)
  }
  keyframes()
  return publisher
}

const elements = (packets: readonly ReceivedPacket[]): (string | undefined)[] =>
  packets.map((packet) => elementOf(packet, VIEWER_ID)?.toString('hex'))

/** The first packet of each keyframe, and all others. */
function split(packets: readonly ReceivedPacket[]): { first: ReceivedPacket[]; others: ReceivedPacket[] } {
  const first = packets.filter(({ keyframe }) => keyframe)
  return { first, others: packets.filter((packet) => !first.includes(packet)) }
}

test('without the option, the delay that the publisher asks for is passed on', () => {
  const stage = new Stage()
  const viewer = stage.join(publishing(stage), { sections: [section(true)] })
  stage.run(3000)
  expect(viewer.video.count).toBeGreaterThan(200)
  expect(new Set(elements(viewer.video.packets))).toEqual(new Set(['000000']))
})

test.each([true, false])('with it, every keyframe says it, in place of what the publisher says, RTX %s', (rtx) => {
  const stage = new Stage()
  const viewer = stage.join(publishing(stage), {
    sections: [section(rtx)],
    extensions: { playoutDelay: PLAYOUT_DELAY },
  })
  stage.run(4500)
  const { first, others } = split(viewer.video.packets)
  expect(elements(first)).toEqual(first.map(() => ELEMENT))
  expect(first.length).toBeGreaterThanOrEqual(4)
  expect(new Set(elements(others))).toEqual(new Set([undefined]))
  expect(viewer.video.packets[0]?.keyframe).toBe(true)
})

test.each([true, false])('it comes also when the packet that says it was lost, RTX %s', (rtx) => {
  const stage = new Stage()
  const viewer = stage.join(publishing(stage), {
    sections: [section(rtx)],
    extensions: { playoutDelay: PLAYOUT_DELAY },
    nackRttMs: 40,
  })
  const ssrc = section(rtx).ssrc
  const lost = new Set<number>()
  // The first time, the packet that begins the second and every later keyframe is lost.
  let begun = 0
  viewer.downlink.drop = (packet) => {
    if (isRtcp(packet) || packet.readUInt32BE(8) !== ssrc) return false
    if (elementOf({ header: packet }, VIEWER_ID) === undefined) return false
    const seq = packet.readUInt16BE(2)
    if (lost.has(seq) || begun++ === 0) return false
    lost.add(seq)
    return true
  }
  stage.run(4500)
  expect(lost.size).toBeGreaterThanOrEqual(3)
  const repaired = viewer.video.packets.filter(({ extSeq }) => lost.has(extSeq & 0xffff))
  expect(repaired.length).toBe(lost.size)
  expect(elements(repaired)).toEqual(repaired.map(() => ELEMENT))
  expect(viewer.rtxPackets > 0).toBe(rtx)
})

test('a viewer that has not negotiated it is told nothing', () => {
  const stage = new Stage()
  const viewer = stage.join(publishing(stage), {
    sections: [viewerVideo(true)],
    extensions: { playoutDelay: PLAYOUT_DELAY },
  })
  stage.run(2000)
  expect(viewer.video.count).toBeGreaterThan(100)
  expect(new Set(elements(viewer.video.packets))).toEqual(new Set([undefined]))
})
