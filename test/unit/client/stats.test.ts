/** What the client makes of a connection's statistics. */
import { describe, expect, it } from 'vitest'
import { Liveness } from '../../../src/client/liveness.js'
import { clientStats } from '../../../src/client/stats.js'

type Entry = Record<string, unknown> & { id: string; type: string }

function report(...entries: Entry[]): RTCStatsReport {
  return new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport
}

describe('clientStats', () => {
  const video = { id: 'v', type: 'inbound-rtp', kind: 'video', frameWidth: 640, frameHeight: 360 }
  const audio = { id: 'a', type: 'inbound-rtp', kind: 'audio' }

  it('has rates of what is received since the report before', () => {
    const before = report(
      { ...video, timestamp: 1000, bytesReceived: 1000, packetsReceived: 10, packetsLost: 1, framesDecoded: 30 },
      { ...audio, timestamp: 1000, bytesReceived: 500, packetsReceived: 10, packetsLost: 0 },
    )
    const now = report(
      { ...video, timestamp: 3000, bytesReceived: 251_000, packetsReceived: 190, packetsLost: 11, framesDecoded: 90 },
      { ...audio, timestamp: 3000, bytesReceived: 10_500, packetsReceived: 20, packetsLost: 0 },
      { id: 'p', type: 'candidate-pair', timestamp: 3000, nominated: true, currentRoundTripTime: 0.02 },
      { id: 'r', type: 'remote-outbound-rtp', kind: 'video', timestamp: 3000, bytesSent: 1e9 },
    )
    expect(clientStats(now, before)).toEqual({
      bitrateBps: 1_040_000,
      lossRatio: 0.05,
      roundTripMs: 20,
      layers: [{ rid: undefined, bitrateBps: 1_000_000, framesPerSecond: 30, width: 640, height: 360 }],
    })
  })

  it('has none in the first report, and none of what is new in the second', () => {
    const first = report({ ...video, timestamp: 1000, bytesReceived: 1000, packetsReceived: 10, packetsLost: 0 })
    const zero = { bitrateBps: 0, lossRatio: 0, roundTripMs: undefined }
    expect(clientStats(first, undefined)).toMatchObject(zero)
    expect(clientStats(first, report())).toMatchObject(zero)
    expect(clientStats(first, first)).toMatchObject(zero)
  })

  it('has the layers that are sent, largest first, and the loss that the server reports', () => {
    const layer = (rid: string, width: number | undefined, bytesSent: number, timestamp: number) => {
      const size = width === undefined ? {} : { frameWidth: width, frameHeight: width / 2 }
      return {
        id: rid,
        type: 'outbound-rtp',
        kind: 'video',
        rid,
        timestamp,
        bytesSent,
        framesSent: bytesSent / 50,
        ...size,
      }
    }
    const before = report(layer('q', 320, 0, 0), layer('f', 1280, 0, 0), layer('h', undefined, 0, 0))
    const now = report(layer('q', 320, 500, 1000), layer('f', 1280, 1500, 1000), layer('h', undefined, 0, 1000), {
      id: 'r',
      type: 'remote-inbound-rtp',
      kind: 'video',
      fractionLost: 0.25,
      timestamp: 1000,
    })
    const stats = clientStats(now, before)
    expect(stats.layers).toEqual([
      { rid: 'f', bitrateBps: 12_000, framesPerSecond: 30, width: 1280, height: 640 },
      { rid: 'q', bitrateBps: 4000, framesPerSecond: 10, width: 320, height: 160 },
      { rid: 'h', bitrateBps: 0, framesPerSecond: 0, width: 0, height: 0 },
    ])
    expect(stats).toMatchObject({ bitrateBps: 16_000, lossRatio: 0.25 })
  })
})

describe('Liveness', () => {
  const counters = (bytesReceived: number, responsesReceived = 0) =>
    report({ id: 'p', type: 'candidate-pair', bytesReceived, responsesReceived })

  it('tells once when media fall silent, and again only after they have come again', () => {
    const liveness = new Liveness()
    const looks = [1, 2, 2, 2, 2, 3, 3, 3].map((bytes) => liveness.look(counters(bytes)))
    expect(looks).toEqual([false, false, false, true, false, false, false, true])
  })

  it('does not take what never began for silence', () => {
    const liveness = new Liveness()
    expect([0, 0, 0, 0].some((bytes) => liveness.look(counters(bytes)))).toBe(false)
    expect(liveness.look(report())).toBe(false)
  })

  it('hears the server by media and by answers to checks', () => {
    const liveness = new Liveness()
    liveness.look(counters(0, 0))
    expect(liveness.hasHeard).toBe(false)
    liveness.look(counters(0, 1))
    expect(liveness.hasHeard).toBe(true)
    liveness.hasHeard = false
    liveness.look(counters(0, 1))
    expect(liveness.hasHeard).toBe(false)
    liveness.look(counters(5, 1))
    expect(liveness.hasHeard).toBe(true)
  })
})
