/** Options that must fit each other. Where one of them is not given, its default gives way to those that are. */
import { DEFAULT_ENGINE_CONFIG, type MediaSettings } from '../engine/engine-config.js'
import { integerOption, refuseOption } from '../util/options.js'

const MIN_ESTIMATE_BPS = 10_000
const MAX_ESTIMATE_BPS = 1_000_000_000

type Given<Name extends keyof MediaSettings> = { readonly [name in Name]?: number | undefined }

/**
 * How long packets may wait, and how long they are kept: what waits is in the history meanwhile, and what viewers start from should be.
 * Throws `option-invalid`.
 */
export function resolveWaits(
  options: Given<'historyMs' | 'pacingQueueMs'>,
  instantStartMaxAgeMs: number,
): Pick<MediaSettings, 'historyMs' | 'pacingQueueMs'> {
  const { historyMs: defaultMs, pacingQueueMs: defaultQueueMs } = DEFAULT_ENGINE_CONFIG
  const given = integerOption('historyMs', options.historyMs, defaultMs, 100, 600_000)
  const queueFallback = Math.min(defaultQueueMs, given)
  const pacingQueueMs = integerOption('pacingQueueMs', options.pacingQueueMs, queueFallback, 20, 60_000)
  const historyMs = options.historyMs === undefined ? Math.max(defaultMs, pacingQueueMs, instantStartMaxAgeMs) : given
  if (historyMs < pacingQueueMs) refuseOption('historyMs', `at least pacingQueueMs, ${pacingQueueMs}`, historyMs)
  return { historyMs, pacingQueueMs }
}

/** The bounds of a viewer's estimate and where it starts. Throws `option-invalid`. */
export function resolveEstimates(
  options: Given<'startEstimateBps' | 'minEstimateBps' | 'maxEstimateBps'>,
): Pick<MediaSettings, 'startEstimateBps' | 'minEstimateBps' | 'maxEstimateBps'> {
  const d = DEFAULT_ENGINE_CONFIG
  const bps = (name: keyof typeof options, fallback: number) =>
    integerOption(name, options[name], fallback, MIN_ESTIMATE_BPS, MAX_ESTIMATE_BPS)
  const given = [options.startEstimateBps, options.maxEstimateBps].filter((value) => value !== undefined)
  const minEstimateBps = bps('minEstimateBps', Math.min(d.minEstimateBps, ...given))
  const maxEstimateBps = bps('maxEstimateBps', Math.max(d.maxEstimateBps, minEstimateBps, ...given))
  const clamped = Math.min(maxEstimateBps, Math.max(minEstimateBps, d.startEstimateBps))
  const startEstimateBps = bps('startEstimateBps', clamped)
  if (minEstimateBps > maxEstimateBps) {
    refuseOption('minEstimateBps', `at most maxEstimateBps, ${maxEstimateBps}`, minEstimateBps)
  }
  if (startEstimateBps < minEstimateBps || startEstimateBps > maxEstimateBps) {
    const wanted = `from minEstimateBps, ${minEstimateBps}, to maxEstimateBps, ${maxEstimateBps}`
    refuseOption('startEstimateBps', wanted, startEstimateBps)
  }
  return { startEstimateBps, minEstimateBps, maxEstimateBps }
}
