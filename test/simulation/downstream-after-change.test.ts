import { describe, expect, test } from 'vitest'
import { DownstreamDelivery, VIDEO_SSRC, viewerVideo } from './support/downstream-delivery.js'
import { Stage } from './support/stage.js'
import { isRtcp } from './support/test-output.js'
import { videoOptions } from './support/upstream-delivery.js'

describe.each([true, false])('a NACK right after a change of publisher, RTX %s', (rtx) => {
  function change(changes: number) {
    const stage = new Stage()
    const publishers = Array.from({ length: changes + 1 }, (_, i) => {
      // Each with its own numbers, time and picture ids.
      const options = videoOptions(true)
      const video = { ...options.video, seq: 7000 * (i + 1), pictureId: 1000 * (i + 3) }
      return stage.publisher({ ...options, video, seed: 60 + i })
    })
    const link = { delayMs: 40 }
    const viewer = stage.join(publishers[0], { downlink: link, uplink: link, sections: [viewerVideo(rtx)] })
    const delivery = new DownstreamDelivery(stage, viewer)
    for (const publisher of publishers) publisher.start()
    stage.run(2000)
    const lost: number[] = []
    const originals: Buffer[] = []
    const losing = new Set<number>()
    viewer.downlink.drop = (packet) => {
      if (isRtcp(packet) || packet.readUInt32BE(8) !== VIDEO_SSRC || losing.size === 0) return false
      const seq = packet.readUInt16BE(2)
      losing.delete(losing.values().next().value as number)
      lost.push(seq)
      originals.push(Buffer.from(packet))
      return true
    }
    for (let i = 1; i <= changes; i++) {
      losing.add(i)
      stage.run(100)
      viewer.egress.setSource('main', publishers[i]?.ingest, stage.nowMs)
      stage.run(150)
    }
    viewer.downlink.drop = undefined
    return { stage, viewer, delivery, lost, originals }
  }

  test('brings packets from before it, as they were', () => {
    const { stage, viewer, lost, originals } = change(3)
    expect(lost.length).toBe(3)
    viewer.sendNack(lost)
    stage.run(300)
    expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets: 3, notKept: 0 })
    expect(viewer.video.gaps()).toBe(0)
    for (const original of originals) {
      const found = viewer.video.packets.find(({ extSeq }) => (extSeq & 0xffff) === original.readUInt16BE(2))
      // Payloads with their picture ids, and times: nothing of the new publisher's numbering.
      expect(original.subarray(-1006).equals(found?.payload ?? Buffer.alloc(0))).toBe(true)
      expect(found?.timestamp).toBe(original.readUInt32BE(4))
    }
  })

  test('finds nothing of long ago, and of many changes ago', () => {
    const { stage, viewer, lost } = change(6)
    viewer.sendNack(lost)
    stage.run(300)
    // Four stretches are remembered, and two of the packets were lost before the oldest of them began.
    const { packets, notKept } = viewer.egress.stats(stage.nowMs).retransmission
    expect(packets + notKept).toBe(6)
    expect(packets).toBeGreaterThanOrEqual(3)
    expect(notKept).toBeGreaterThanOrEqual(2)
    stage.run(4000)
    viewer.sendNack(lost)
    stage.run(300)
    expect(viewer.egress.stats(stage.nowMs).retransmission).toMatchObject({ packets, notKept: notKept + 6 })
  })
})
