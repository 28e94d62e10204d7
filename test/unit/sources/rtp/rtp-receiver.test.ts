import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNack, isPli } from '../../../../src/rtp/rtcp/feedback.js'
import { createReportBlock, readReportBlock } from '../../../../src/rtp/rtcp/report-block.js'
import { RTCP_TYPE } from '../../../../src/rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import { snapshotTrack } from '../../../../src/sources/rtp/rtp-source-stats.js'
import { srtpKeys } from '../../../../src/sources/rtp/srtp-key.js'
import { createSrtpSender } from '../../../../src/transport/srtp/create-srtp.js'
import { goodbye, ReceiverBench, report } from './receiver-bench.js'

/** Protects the packets of one sender. */
function protector(key: string = KEY.key): (packet: Buffer) => Buffer {
  const sender = createSrtpSender(srtpKeys({ ...KEY, key }))
  return (packet) => {
    const buffer = Buffer.concat([packet, Buffer.alloc(sender.rtpOverhead)])
    return buffer.subarray(0, sender.protectRtp(buffer, 0, 12, packet.length, packet.readUInt16BE(2)))
  }
}

const KEY = { profile: 'AES_CM_128_HMAC_SHA1_80', key: Buffer.alloc(30, 5).toString('base64') } as const

/** What the compounds that were sent hold, and where they went. */
function replies(bench: ReceiverBench): string[] {
  return bench.output.sent.flatMap(({ datagram, to }) => {
    const reader = new RtcpReader()
    expect(reader.reset(datagram, 0, datagram.length)).toBe(true)
    const names: string[] = []
    while (reader.next()) {
      if (isPli(reader)) names.push('PLI')
      else if (isNack(reader)) names.push('NACK')
      else if (reader.packetType === RTCP_TYPE.receiverReport && reader.count > 0) names.push('RR')
    }
    return names.map((name) => `${name} to ${to.ip}:${to.port} by socket ${to.socket}`)
  })
}

describe('the sender', () => {
  it('is the first that sends; what others send is counted and dropped', () => {
    const bench = new ReceiverBench()
    const video = bench.video()
    bench.send(video, 3, 5000)
    bench.send(bench.video({ ssrc: 8, seq: 500 }), 4, 5001)
    bench.send(bench.video({ ssrc: 8, seq: 600 }), 4, 5000, '127.0.0.2')
    bench.send(video, 2, 5000)
    expect(bench.seqs).toEqual([0, 1, 2, 3, 4])
    expect(bench.senders).toEqual(['127.0.0.1:5000'])
    expect(bench.receiver.counters).toMatchObject({ received: 13, foreign: 8 })
  })

  it('gives its place away by silence, and a new one begins a numbering of its own, even with the same SSRC', () => {
    const bench = new ReceiverBench({ codec: 'VP8', timeoutMs: 500 })
    bench.send(bench.video({ seq: 100 }), 3, 5000)
    bench.pass(440)
    bench.send(bench.video({ seq: 104 }), 1, 5001)
    expect([bench.silences, bench.receiver.counters.foreign]).toEqual([0, 1])
    bench.pass(60)
    expect([bench.silences, bench.receiver.pin.holder]).toEqual([1, undefined])
    bench.send(bench.video({ seq: 105, timestamp: 0x8000_0000 }), 3, 5001)
    expect(bench.seqs).toHaveLength(6)
    const [third, fourth] = bench.taken.slice(2).map(({ extSeq }) => extSeq)
    expect((fourth as number) - (third as number)).toBeGreaterThan(3000)
    expect(bench.senders).toEqual(['127.0.0.1:5000', '127.0.0.1:5001'])
  })

  it('gives its place away by saying goodbye, at once', () => {
    const bench = new ReceiverBench()
    bench.send(bench.video(), 3, 5000)
    bench.rtcp(goodbye(7), 9001)
    expect(bench.silences).toBe(1)
    bench.send(bench.video({ ssrc: 8 }), 3, 5002)
    expect(bench.senders).toEqual(['127.0.0.1:5000', '127.0.0.1:5002'])
    expect(bench.taken).toHaveLength(6)
  })

  it('is nobody but the one that was given', () => {
    const bench = new ReceiverBench({ codec: 'VP8', remote: { host: '127.0.0.9', port: 6000 } })
    bench.send(bench.video(), 2, 6000)
    bench.send(bench.video(), 2, 6001, '127.0.0.9')
    expect(bench.taken).toHaveLength(0)
    bench.send(bench.video(), 2, 6000, '127.0.0.9')
    expect([bench.taken.length, bench.receiver.counters.foreign]).toEqual([2, 4])
  })

  it('cannot be sent away, or be spoken for, by others', () => {
    const bench = new ReceiverBench()
    bench.send(bench.video(), 3, 5000)
    bench.rtcp(report(7, 1000, 0), 5001)
    bench.rtcp(goodbye(7), 5003)
    bench.rtcp(goodbye(7), 5001, '127.0.0.2')
    bench.rtcp(report(7, 9999, 0), 5003)
    expect(bench.receiver.pin.holder).toEqual({ ip: '127.0.0.1', port: 5000 })
    expect(bench.receiver.ingest.stats(bench.nowMs).senderReportsReceived).toBe(1)
    expect(bench.receiver.counters.foreign).toBe(3)
  })
})

describe('payload types', () => {
  it('are not looked at: the port says what it is', () => {
    const bench = new ReceiverBench({ codec: 'VP8' })
    bench.send(bench.video({ payloadType: 33 }), 3, 5000)
    expect(bench.taken.map(({ payloadType }) => payloadType)).toEqual([96, 96, 96])
  })

  it('are, where one was given', () => {
    const bench = new ReceiverBench({ codec: 'VP8', payloadType: 100 })
    bench.send(bench.video({ payloadType: 33 }), 3, 5001)
    bench.send(bench.video({ payloadType: 100 }), 2, 5000)
    expect([bench.taken.length, bench.receiver.counters.otherPayloadType]).toEqual([2, 3])
  })
})

describe('RTCP', () => {
  it('goes to the port behind the sender until that has told where it wants it', () => {
    const bench = new ReceiverBench()
    bench.send(bench.video(), 60, 5000)
    bench.rtcp(report(7, 1000, 0), 7777)
    bench.send(bench.video({ seq: 60 }), 60, 5000)
    expect(replies(bench)[0]).toBe('RR to 127.0.0.1:5001 by socket 1')
    expect(replies(bench).at(-1)).toBe('RR to 127.0.0.1:7777 by socket 1')
  })

  it('goes to the port of RTP where both share it, by option or because its own came there', () => {
    for (const options of [{ codec: 'VP8', rtcpMux: true } as const, { codec: 'VP8' } as const]) {
      const bench = new ReceiverBench(options)
      bench.send(bench.video(), 1, 5000)
      if (!('rtcpMux' in options)) bench.rtp(report(7, 1000, 0), 5000)
      bench.send(bench.video({ seq: 1 }), 60, 5000)
      expect(new Set(replies(bench))).toEqual(new Set(['RR to 127.0.0.1:5000 by socket 0']))
    }
  })

  it('asks for keyframes when they are needed, and not where that is in vain', () => {
    for (const keyframesOnDemand of [true, false]) {
      const bench = new ReceiverBench({ codec: 'VP8', keyframesOnDemand })
      bench.send(bench.video(), 2, 5000)
      bench.receiver.ingest.tracks[0]?.layers[0]?.requestKeyframe(bench.nowMs)
      expect(bench.receiver.ingest.tracks[0]?.layers[0]?.keyframesOnDemand).toBe(keyframesOnDemand)
      const asked = replies(bench).filter((reply) => reply.startsWith('PLI'))
      expect(asked).toEqual(keyframesOnDemand ? ['PLI to 127.0.0.1:5001 by socket 1'] : [])
    }
  })

  it('tells what was lost, to the sender and in the snapshot', () => {
    const bench = new ReceiverBench()
    const video = bench.video()
    bench.send(video, 20, 5000)
    for (let i = 0; i < 5; i++) video.packet(Buffer.alloc(20), true)
    bench.send(video, 60, 5000)
    const { packetsLost, fractionLost, codec, sender } = snapshotTrack(bench.receiver, 4000, bench.nowMs)
    expect([packetsLost, codec, sender]).toEqual([5, 'VP8', { ip: '127.0.0.1', port: 5000 }])
    expect(fractionLost).toBeGreaterThanOrEqual(0)
    const told = bench.output.sent.map(({ datagram }) => {
      const reader = new RtcpReader()
      reader.reset(datagram, 0, datagram.length)
      reader.next()
      const block = createReportBlock()
      return readReportBlock(datagram, reader, 0, block) ? block : undefined
    })
    expect(told.map((block) => block?.packetsLost)).toContain(5)
    expect(told.some((block) => (block?.fractionLost ?? 0) > 0)).toBe(true)
  })

  it('asks for lost packets by option only', () => {
    for (const nack of [true, false]) {
      const bench = new ReceiverBench({ codec: 'VP8', nack })
      const video = bench.video()
      bench.send(video, 5, 5000)
      video.packet(Buffer.alloc(20), true)
      bench.send(video, 20, 5000)
      expect(replies(bench).some((reply) => reply.startsWith('NACK'))).toBe(nack)
    }
  })

  it('that comes ahead of the first packet counts once that has come, if it is of the same sender', () => {
    const clockOf = ({ receiver }: ReceiverBench) => {
      const { rtpTimestamp, sourceId } = receiver.ingest.tracks[0]?.layers[0]?.captureClock ?? {}
      return rtpTimestamp === undefined ? undefined : `${sourceId} ${rtpTimestamp}`
    }
    const bench = new ReceiverBench()
    bench.rtcp(report(7, 1000, 123), 5001)
    bench.send(bench.video(), 1, 5000)
    // One clock for all tracks of a source.
    expect(clockOf(bench)).toBe('source 123')
    const other = new ReceiverBench()
    other.rtcp(report(7, 1000, 123), 5001, '127.0.0.2')
    other.send(other.video(), 1, 5000)
    expect(clockOf(other)).toBeUndefined()
    const late = new ReceiverBench()
    late.rtcp(report(7, 1000, 123), 5001)
    late.pass(1000)
    late.send(late.video(), 1, 5000)
    expect(clockOf(late)).toBeUndefined()
  })
})

describe('with a key', () => {
  it('takes what is protected with it, and nothing else: neither plain packets, nor those of another key, nor the same twice', () => {
    const bench = new ReceiverBench({ codec: 'VP8', listenIp: '0.0.0.0', srtp: KEY })
    const right = protector()
    const wrong = protector(Buffer.alloc(30, 6).toString('base64'))
    const video = bench.video()
    video.frame(20, (packet) => bench.rtp(packet, 5001))
    video.frame(20, (packet) => bench.rtp(wrong(packet), 5001))
    expect([bench.senders, bench.receiver.counters.unauthentic]).toEqual([[], 2])
    const kept: Buffer[] = []
    for (let i = 0; i < 3; i++) {
      video.frame(20, (packet) => {
        const made = right(packet)
        kept.push(Buffer.from(made))
        bench.rtp(made, 5000)
      })
    }
    for (const packet of kept) bench.rtp(packet, 5000)
    expect([bench.seqs, bench.receiver.counters.replayed]).toEqual([[2, 3, 4], 3])
    bench.rtcp(goodbye(7), 5001)
    expect([bench.receiver.pin.holder?.port, bench.receiver.counters.unauthentic]).toEqual([5000, 3])
  })

  it('does not take a sender that has our own SSRC', () => {
    const bench = new ReceiverBench({ codec: 'VP8', srtp: KEY })
    const protect = protector()
    bench.video({ ssrc: 99 }).frame(20, (packet) => bench.rtp(protect(packet), 5000))
    bench.video({ ssrc: 98 }).frame(20, (packet) => bench.rtp(protect(packet), 5001))
    expect([bench.taken.length, bench.senders, bench.receiver.counters.unauthentic]).toEqual([1, ['127.0.0.1:5001'], 1])
    // What we have sent ourselves comes back: a request for a keyframe, and in another life a goodbye.
    bench.receiver.ingest.tracks[0]?.layers[0]?.requestKeyframe(bench.nowMs)
    bench.rtcp(bench.output.sent[0]?.datagram as Buffer, 5002)
    expect([bench.receiver.pin.holder?.port, bench.receiver.counters.unauthentic]).toEqual([5001, 2])
  })

  it('follows more senders than a session would, and none of them can be replayed', () => {
    const bench = new ReceiverBench({ codec: 'VP8', srtp: KEY })
    const protect = protector()
    const kept: Buffer[] = []
    for (let ssrc = 1000; ssrc < 1200; ssrc++) {
      bench.video({ ssrc }).frame(20, (packet) => {
        const made = protect(packet)
        kept.push(Buffer.from(made))
        bench.rtp(made, 5000)
      })
    }
    expect(bench.taken).toHaveLength(200)
    for (const packet of kept) bench.rtp(packet, 5000)
    expect([bench.taken.length, bench.receiver.counters.replayed]).toEqual([200, 200])
  })

  it('protects the answers, too', () => {
    const plain = new ReceiverBench()
    const bench = new ReceiverBench({ codec: 'VP8', srtp: KEY })
    const protect = protector()
    const video = bench.video()
    for (let i = 0; i < 60; i++) {
      video.frame(20, (packet) => bench.rtp(protect(packet), 5000))
      bench.pass(20)
    }
    plain.send(plain.video(), 60, 5000)
    const [protectedLength, plainLength] = [bench, plain].map(({ output }) => output.sent[0]?.datagram.length ?? 0)
    expect((protectedLength as number) - (plainLength as number)).toBe(14)
  })
})

it('whatever datagrams come, nothing throws, and all of them are counted', () => {
  const anything = fc.uint8Array({ maxLength: 80 })
  // Heads of RTP and RTCP, so that more than the first byte is read.
  const likely = fc
    .tuple(fc.constantFrom(0x80, 0x90, 0xa0, 0xb0, 0x8f), fc.constantFrom(96, 224, 200, 201, 203, 206), anything)
    .map(([first, second, rest]) => Uint8Array.from([first, second, ...rest]))
  const datagrams = fc.array(
    fc.tuple(fc.oneof(anything, likely), fc.constantFrom(5000, 5001), fc.boolean(), fc.nat({ max: 900 })),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(datagrams, fc.constantFrom('VP8' as const, 'VP9' as const), fc.boolean(), (all, codec, isProtected) => {
      const bench = new ReceiverBench({ codec, ...(isProtected ? { srtp: KEY } : {}) })
      for (const [bytes, port, viaRtcp, passMs] of all) {
        bench.receiver.receive(Buffer.from(bytes), '127.0.0.1', port, viaRtcp, bench.nowMs)
        bench.pass(passMs)
      }
      expect(bench.receiver.counters.received).toBe(all.length)
      if (isProtected) expect(bench.taken).toEqual([])
    }),
  )
})
