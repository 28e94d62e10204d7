import { describe, expect, it } from 'vitest'
import { resolveSfuOptions, type SfuOptions } from '../../../src/broadcast/sfu-options.js'
import { resolveMediaConfig } from '../../../src/engine/engine-config.js'
import { defaultMediaConfig } from '../../../src/media/media-config.js'

/** What the media core of a shard is told with these options. */
function mediaConfig(options: SfuOptions) {
  return resolveMediaConfig(resolveSfuOptions(options).engine, 7)
}

describe('options of the media core', () => {
  it('are its own defaults where none are given', () => {
    expect(mediaConfig({})).toEqual(defaultMediaConfig(7))
  })

  it('reach it, every one of them', () => {
    const options = {
      keyframeIntervalMs: 2000,
      keyframeMinSpacingMs: 300,
      layerPauseAfterMs: 700,
      instantStartMaxAgeMs: 2000,
      instantStartMaxBytes: 30_000,
      instantStartSpeed: 3,
      historyPackets: 300,
      historyBytes: 300_000,
      historyMs: 3000,
      retransmissionShare: 0.1,
      retransmissionBurstBytes: 30_000,
      pacingQueueMs: 300,
      pacingQueueBytes: 30_000,
      startEstimateBps: 300_000,
      minEstimateBps: 30_000,
      maxEstimateBps: 3_000_000,
    }
    expect(mediaConfig(options)).toEqual({ ...defaultMediaConfig(7), ...options })
  })

  it.each([
    [{ maxEstimateBps: 40_000 }, { startEstimateBps: 40_000, minEstimateBps: 40_000, maxEstimateBps: 40_000 }],
    [{ minEstimateBps: 60e6 }, { startEstimateBps: 60e6, minEstimateBps: 60e6, maxEstimateBps: 60e6 }],
    [{ startEstimateBps: 20_000 }, { startEstimateBps: 20_000, minEstimateBps: 20_000, maxEstimateBps: 50e6 }],
    [{ startEstimateBps: 80e6 }, { startEstimateBps: 80e6, minEstimateBps: 50_000, maxEstimateBps: 80e6 }],
    [{ pacingQueueMs: 20_000 }, { pacingQueueMs: 20_000, historyMs: 20_000 }],
    [{ instantStartMaxAgeMs: 30_000 }, { pacingQueueMs: 500, historyMs: 30_000 }],
    [
      { instantStartMaxAgeMs: 30_000, historyMs: 2000 },
      { instantStartMaxAgeMs: 30_000, historyMs: 2000 },
    ],
    [{ historyMs: 200 }, { pacingQueueMs: 200, historyMs: 200 }],
  ])('with %j, the defaults of the others give way', (options, wanted) => {
    expect(mediaConfig(options)).toMatchObject(wanted)
  })
})
