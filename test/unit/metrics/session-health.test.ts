import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HealthStats, levelOf, sessionHealth } from '../../../src/metrics/session-health.js'
import { paced, publisherStats, repaired, viewerStats, waiting } from '../../support/health-stats.js'

/** The score, what it is for, and in words. */
function told(before: HealthStats | undefined, now: HealthStats): [number, string | undefined, string] {
  const { score, findings, reason } = sessionHealth(before, now)
  return [score, findings[0]?.cause, reason]
}

const GOOD = [5, undefined, 'good']

describe('the health of a publisher', () => {
  const before = publisherStats({ packetsReceived: 1000 })

  it('is good while packets come', () => {
    expect(told(before, publisherStats({ packetsReceived: 2000 }))).toEqual(GOOD)
    expect(told(undefined, publisherStats())).toEqual(GOOD)
  })

  it('is as bad as can be when nothing comes', () => {
    expect(told(before, before)).toEqual([0, 'no-media', 'it sends nothing'])
  })

  it('is as bad as can be when nothing is heard at all', () => {
    const gone = { ...before, state: 'disconnected' as const }
    expect(told(before, gone)).toEqual([0, 'disconnected', 'nothing is heard of the peer'])
  })

  it.each([
    [10, GOOD],
    [40, [4, 'loss', '4 % of its packets are lost']],
    [60, [3, 'loss', '6 % of its packets are lost']],
    [150, [2, 'loss', '13 % of its packets are lost']],
    [400, [1, 'loss', '29 % of its packets are lost']],
  ])('follows how many packets are lost: %d to 1000 that come', (packetsLost, expected) => {
    expect(told(before, publisherStats({ packetsReceived: 2000, packetsLost }))).toEqual(expected)
  })

  it.each([
    [1, GOOD],
    [2, [3, 'loss', '0.2 % of its packets never came']],
    [20, [2, 'loss', '2 % of its packets never came']],
    [100, [1, 'loss', '9 % of its packets never came']],
  ])('counts what never came for more: %d to 1000', (lostForGood, expected) => {
    expect(told(before, publisherStats({ packetsReceived: 2000, repair: repaired(lostForGood) }))).toEqual(expected)
  })

  it('says nothing of loss after a few packets', () => {
    expect(told(before, publisherStats({ packetsReceived: 1010, packetsLost: 5 }))).toEqual(GOOD)
  })

  it('is bad when its video has stopped while its audio goes on', () => {
    const then = publisherStats({ packetsReceived: 1000 }, { packetsReceived: 500 })
    const now = publisherStats({ packetsReceived: 1200 }, { packetsReceived: 500 })
    expect(told(then, now)).toEqual([1, 'frozen', 'its video has stopped'])
    const never = publisherStats({ packetsReceived: 1000 }, { packetsReceived: 0 })
    expect(told(never, publisherStats({ packetsReceived: 1200 }, { packetsReceived: 0 }))).toEqual(GOOD)
  })

  it('is bad when it is asked for keyframes and sends none', () => {
    const then = publisherStats({ packetsReceived: 1000 }, { keyframesReceived: 3, keyframeRequestsSent: 4 })
    const asked = publisherStats({ packetsReceived: 2000 }, { keyframesReceived: 3, keyframeRequestsSent: 7 })
    expect(told(then, asked)).toEqual([1, 'no-keyframe', 'it was asked for keyframes and sent none'])
    const answered = publisherStats({ packetsReceived: 2000 }, { keyframesReceived: 4, keyframeRequestsSent: 7 })
    expect(told(then, answered)).toEqual(GOOD)
  })

  it('follows jitter', () => {
    expect(told(undefined, publisherStats({ jitterMs: 60 }))).toEqual([
      4,
      'jitter',
      'packets come up to 60 ms early or late',
    ])
    expect(told(undefined, publisherStats({ jitterMs: 49 }))).toEqual(GOOD)
  })
})

describe('the health of a viewer', () => {
  const before = viewerStats({ packetsSent: 1000 })

  it('is good while it is sent what there is, and while there is nothing', () => {
    expect(told(before, viewerStats({ packetsSent: 2000, estimatedBps: 5e6 }))).toEqual(GOOD)
    const idle = viewerStats({ packetsSent: 1000 }, { layers: [], live: false })
    expect(told(idle, idle)).toEqual(GOOD)
  })

  it('follows how many packets it reports as lost', () => {
    expect(told(before, viewerStats({ packetsSent: 2000, packetsLost: 15 }))).toEqual(GOOD)
    expect(told(before, viewerStats({ packetsSent: 2000, packetsLost: 150 }))[0]).toBe(2)
  })

  it.each([
    [200, GOOD],
    [400, [4, 'rtt', 'round trips take 400 ms']],
    [700, [3, 'rtt', 'round trips take 700 ms']],
    [1500, [2, 'rtt', 'round trips take 1500 ms']],
  ])('follows its round trips: %d ms', (rttMs, expected) => {
    expect(told(undefined, viewerStats({ rttMs }))).toEqual(expected)
  })

  it('is bad while video waits for a keyframe', () => {
    const then = viewerStats({ packetsSent: 0 }, { live: false, dropped: waiting(10) })
    const now = viewerStats({ packetsSent: 0 }, { live: false, dropped: waiting(300) })
    expect(told(then, now)).toEqual([1, 'no-keyframe', 'its video waits for a keyframe'])
    // Paused: nothing comes to be dropped.
    expect(told(then, then)).toEqual(GOOD)
  })

  it('is bad when its video has stopped though there is one', () => {
    expect(told(before, before)).toEqual([1, 'frozen', 'its video has stopped'])
    const silent = viewerStats({ packetsSent: 1000 }, { layers: [{ live: false, sublayers: [] }] })
    expect(told(silent, silent)).toEqual(GOOD)
  })

  it('follows what its network carries', () => {
    const layers = [
      { rid: 'h', live: true, bitrateBps: 2_000_000, sublayers: [] },
      { rid: 'm', live: true, bitrateBps: 600_000, sublayers: [] },
      { rid: 'l', live: true, bitrateBps: 150_000, sublayers: [] },
    ]
    const at = (rid: string, estimatedBps: number) => viewerStats({ packetsSent: 2000, estimatedBps }, { rid, layers })
    expect(told(before, at('h', 3e6))).toEqual(GOOD)
    expect(told(before, at('l', 3e6))).toEqual(GOOD)
    expect(told(before, at('m', 8e5))).toEqual([
      4,
      'bandwidth',
      'its network carries 800 kbit/s, the best video needs 2000 kbit/s',
    ])
    expect(told(before, at('l', 2e5))[0]).toBe(3)
  })

  it('says when packets were dropped because they had waited too long', () => {
    const now = viewerStats({ packetsSent: 2000, pacing: paced(4) })
    expect(told(before, now)).toEqual([2, 'bandwidth', 'its network did not carry all that was to be sent'])
  })
})

describe('a score', () => {
  it('is that of the worst finding', () => {
    const { findings, reason, score, level } = sessionHealth(undefined, viewerStats({ rttMs: 1200, jitterMs: 70 }))
    expect(findings.map(({ cause }) => cause)).toEqual(['rtt', 'jitter'])
    expect([score, level, reason]).toEqual([2, 'fair', 'round trips take 1200 ms'])
  })

  it('is a whole number from 0 to 5, whatever was counted', () => {
    const figures = fc.record({ packetsSent: fc.nat(), packetsLost: fc.integer(), rttMs: fc.nat(), jitterMs: fc.nat() })
    fc.assert(
      fc.property(figures, figures, (then, now) => {
        const { score, level } = sessionHealth(viewerStats(then), viewerStats(now))
        expect([0, 1, 2, 3, 4, 5]).toContain(score)
        expect(level).toBe(levelOf(score))
      }),
    )
  })

  it('comes down to good, fair or bad', () => {
    expect([0, 1, 2, 3, 4, 5].map(levelOf)).toEqual(['bad', 'bad', 'fair', 'fair', 'good', 'good'])
  })
})
