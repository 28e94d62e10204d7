import { expect, test } from 'vitest'
import { type IngestSection, PublisherIngest } from '../../src/media/ingest/publisher-ingest.js'
import { isNack } from '../../src/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../src/rtp/rtcp/rtcp-reader.js'
import { SyntheticVideo } from '../../src/testing/synthetic-video.js'
import { Resender } from './support/resender.js'
import { PUBLISHER_EXTENSIONS, REPAIRED_RID_URI } from './support/sections.js'
import { Stage } from './support/stage.js'
import { drive, TestOutput } from './support/test-output.js'
import { RTX, videoSection } from './support/upstream-delivery.js'

const MID = 4
const RID = 10
const REPAIRED_RID = 11
const RIDS = ['lo', 'mid', 'hi']

type Identification = 'repaired-rid' | 'declared' | 'nothing'

/** A simulcast publisher without a network, whose every tenth packet is lost once; watched in all layers. */
function simulcast(identification: Identification) {
  const stage = new Stage()
  const reader = new RtcpReader()
  const videos = RIDS.map((rid, i) => {
    const elements = [
      { id: MID, data: Buffer.from('1') },
      { id: RID, data: Buffer.from(rid) },
    ]
    // The same numbers in all layers, so that the number alone says nothing.
    return new SyntheticVideo({ ssrc: 100 + i, payloadType: 96, seq: 65_400, elements })
  })
  const base = videoSection(true)
  const declared = identification === 'declared'
  const section: IngestSection = {
    ...base,
    rids: RIDS,
    extensions: [...PUBLISHER_EXTENSIONS, { id: REPAIRED_RID, uri: REPAIRED_RID_URI }],
    rtxPairs: declared ? videos.map(({ ssrc }) => ({ ssrc, rtxSsrc: ssrc + 1000 })) : [],
  }
  const output = new TestOutput((buffer, start, end) => {
    const packet = Buffer.from(buffer.subarray(start, end))
    if (!reader.reset(packet, 0, packet.length)) throw new Error('no RTCP')
    while (reader.next()) if (isNack(reader)) for (const one of resenders) one.receiveNack(packet, reader)
  })
  const ingest = new PublisherIngest({
    id: 'p',
    sections: [section],
    localSsrc: 1,
    cname: 'c',
    output,
    config: stage.config,
  })
  const arrive = (packet: Buffer): void => {
    stage.clock.setTimer(40, () => ingest.receiveRtp(packet, 0, packet.length, stage.nowMs))
  }
  const resenders = videos.map(({ ssrc }, i) => {
    const elements =
      identification === 'repaired-rid' ? [{ id: REPAIRED_RID, data: Buffer.from(RIDS[i] as string) }] : []
    return new Resender(ssrc, arrive, { ssrc: ssrc + 1000, payloadType: RTX.payloadType, elements })
  })
  drive(stage.clock, ingest)
  const delivered = RIDS.map(() => new Map<number, number>())
  ingest.tracks[0]?.layers.forEach((layer, i) => {
    layer.addSink({
      onPacket: ({ extSeq, bytes, start }) => delivered[i]?.set(extSeq, bytes.readUInt32BE(start + 8)),
    })
  })
  let count = 0
  for (let frame = 0; frame < 300; frame++) {
    videos.forEach((video, i) => {
      video.frame(33, (packet) => {
        resenders[i]?.keep(packet)
        // Each layer loses other packets than the next, and none of the first.
        if (++count % 10 !== 0 || frame === 0) arrive(packet)
      })
    })
    stage.run(33)
  }
  stage.run(1000)
  return { stage, ingest, videos, delivered, resenders }
}

test.each<Identification>(['repaired-rid', 'declared', 'nothing'])(
  'retransmissions of simulcast layers that say %s feed the layers that they repair',
  (identification) => {
    const { stage, ingest, videos, delivered } = simulcast(identification)
    const { repair, dropped } = ingest.stats(stage.nowMs)
    delivered.forEach((packets, i) => {
      const { ssrc, packetsSent } = videos[i] as SyntheticVideo
      expect(packets.size, `layer ${i}`).toBe(packetsSent)
      expect(new Set(packets.values())).toEqual(new Set([ssrc]))
    })
    expect(repair.packetsRepaired).toBe(repair.rtxReceived)
    // Where a number is missing in several layers at once, it takes another packet to learn from.
    expect(dropped.unrouted).toBeLessThanOrEqual(identification === 'nothing' ? 5 : 0)
  },
)

test('a retransmission of what was not missing, or of nothing, is of no use and does no harm', () => {
  const { stage, ingest, videos, resenders } = simulcast('repaired-rid')
  const before = ingest.stats(stage.nowMs)
  const [video] = videos as [SyntheticVideo]
  const [resender] = resenders as [Resender]
  const rtx = { ssrc: 1100, payloadType: RTX.payloadType, elements: [{ id: REPAIRED_RID, data: Buffer.from('lo') }] }
  const again = resender.retransmission(video.packet(Buffer.alloc(20), false), rtx)
  ingest.receiveRtp(again, 0, again.length, stage.nowMs)
  const padding = resender.retransmission(video.packet(Buffer.alloc(20), false), rtx).subarray(0, -22)
  const probe = Buffer.concat([padding, Buffer.from([0, 0, 0, 4])])
  probe[0] = (probe[0] as number) | 0x20
  ingest.receiveRtp(probe, 0, probe.length, stage.nowMs)
  const unknown = resender.retransmission(video.packet(Buffer.alloc(20), false), { ...rtx, ssrc: 7, elements: [] })
  ingest.receiveRtp(unknown, 0, unknown.length, stage.nowMs)
  const after = ingest.stats(stage.nowMs)
  expect(after.repair.rtxUseless).toBe(before.repair.rtxUseless + 1)
  expect(after.repair.packetsRepaired).toBe(before.repair.packetsRepaired)
  expect(after.packetsReceived).toBe(before.packetsReceived)
  expect(after.dropped.paddingOnly).toBe(before.dropped.paddingOnly + 1)
  expect(after.dropped.unrouted).toBe(before.dropped.unrouted + 1)
})

test('reports are about the retransmission streams, too', () => {
  const { stage, ingest, videos } = simulcast('declared')
  const { layers } = ingest.stats(stage.nowMs)
  expect(layers.map(({ repair }) => repair.packetsRepaired > 50)).toEqual([true, true, true])
  expect(videos.length).toBe(3)
})
