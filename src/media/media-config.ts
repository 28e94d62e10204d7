/** The media core's settings as they are unless somebody says otherwise; `docs/limits.md` lists them. */
import { defaultBweConfig } from './bwe/bwe-config.js'
import { DEFAULT_PACER_CONFIG } from './egress/pacer-config.js'
import type { MediaConfig } from './types.js'

/**
 * The default settings.
 *
 * @param unixOffsetMs Unix time minus the core's time, in milliseconds.
 */
export function defaultMediaConfig(unixOffsetMs: number): MediaConfig {
  const { startBps, minBps, maxBps } = defaultBweConfig()
  return {
    unixOffsetMs,
    historyPackets: 2048,
    historyBytes: 4 * 1024 * 1024,
    historyMs: 10_000,
    keyframeMinSpacingMs: 500,
    keyframeRetryMs: 1000,
    layerPauseAfterMs: 2000,
    keyframeIntervalMs: 0,
    instantStartMaxAgeMs: 5000,
    instantStartMaxBytes: 1536 * 1024,
    instantStartSpeed: 5,
    reportIntervalMs: 1000,
    retransmissionShare: 0.3,
    retransmissionBurstBytes: 128 * 1024,
    pacingQueueMs: DEFAULT_PACER_CONFIG.maxQueueMs,
    pacingQueueBytes: DEFAULT_PACER_CONFIG.maxQueueBytes,
    startEstimateBps: startBps,
    minEstimateBps: minBps,
    maxEstimateBps: maxBps,
  }
}
