/** What a layer costs and whether it is there: measured once per layer, for all the viewers that could get it. */
import { RateMeter } from '../../util/rate-meter.js'
import type { FrameSize } from '../codecs/frame-size.js'
import type { LayerIds } from '../codecs/layer-ids.js'
import type { LayerInfo, SublayerInfo } from '../types.js'

/** Long enough that a keyframe does not look like a higher rate. */
const RATE_WINDOW_MS = 2000
const RATE_BUCKETS = 20
/** A layer that has just begun has no rate yet. */
const RATE_KNOWN_AFTER_MS = 500
/** So many frames have to fail to come before a layer counts as gone, but never less or more time than this. */
const MISSED_FRAMES = 6
const MIN_SILENCE_MS = 500
const MAX_SILENCE_MS = 3000
/** Before two frames have come. */
const DEFAULT_FRAME_INTERVAL_MS = 100
/** Facts that many viewers ask for are put together this often at most. */
const INFO_AGE_MS = 100

/** Ids have three bits in VP9; higher ones of other codecs are counted with these. */
const MAX_ID = 7

const UNKNOWN_SIZE = { width: undefined, height: undefined }

export type { LayerInfo, SublayerInfo } from '../types.js'

/** Measures one layer. */
export class LayerMeter {
  #total = createMeter()
  /** By spatial id * 8 + temporal id, as far as seen. */
  #parts: (RateMeter | undefined)[] = []
  #firstMs = Number.NaN
  #lastMs = Number.NEGATIVE_INFINITY
  #timestamp = -1
  #frameMs = Number.NaN
  #frameIntervalMs = Number.NaN
  #width: number | undefined
  #height: number | undefined
  #spatialSizes: readonly (FrameSize | undefined)[] = []
  #info: LayerInfo | undefined
  #infoMs = Number.NEGATIVE_INFINITY

  /** A packet of the layer has come; `ids` are its layers, undefined where nothing says them. */
  add(bytes: number, timestamp: number, ids: LayerIds | undefined, nowMs: number): void {
    if (!this.isAlive(nowMs)) this.#begin(nowMs)
    this.#lastMs = nowMs
    this.#total.add(bytes, nowMs)
    if (timestamp !== this.#timestamp) this.#frame(timestamp, nowMs)
    if (ids === undefined) return
    const at = Math.min(ids.spatialId, MAX_ID) * (MAX_ID + 1) + Math.min(ids.temporalId, MAX_ID)
    let part = this.#parts[at]
    if (part === undefined) {
      part = createMeter()
      this.#parts[at] = part
    }
    part.add(bytes, nowMs)
  }

  /** A keyframe has shown the picture size. */
  setFrameSize(width: number, height: number): void {
    this.#width = width
    this.#height = height
  }

  /** A keyframe has begun, and stated these sizes by spatial id, the largest last; empty if none. */
  setSpatialSizes(sizes: readonly (FrameSize | undefined)[]): void {
    this.#spatialSizes = sizes
    const largest = sizes.at(-1)
    if (largest !== undefined) this.setFrameSize(largest.width, largest.height)
  }

  /** True while packets come: a layer that its encoder has switched off falls silent. */
  isAlive(nowMs: number): boolean {
    const intervalMs = Number.isNaN(this.#frameIntervalMs) ? DEFAULT_FRAME_INTERVAL_MS : this.#frameIntervalMs
    const silenceMs = Math.min(MAX_SILENCE_MS, Math.max(MIN_SILENCE_MS, MISSED_FRAMES * intervalMs))
    return nowMs - this.#lastMs <= silenceMs
  }

  /** The facts, at most a tenth of a second old. */
  info(nowMs: number): LayerInfo {
    const alive = this.isAlive(nowMs)
    if (this.#info === undefined || this.#info.alive !== alive || nowMs - this.#infoMs >= INFO_AGE_MS) {
      this.#info = this.#measure(alive, nowMs)
      this.#infoMs = nowMs
    }
    return this.#info
  }

  #begin(nowMs: number): void {
    this.#firstMs = nowMs
    this.#total = createMeter()
    this.#parts = []
    this.#frameMs = Number.NaN
    this.#frameIntervalMs = Number.NaN
  }

  #frame(timestamp: number, nowMs: number): void {
    const intervalMs = nowMs - this.#frameMs
    this.#timestamp = timestamp
    this.#frameMs = nowMs
    if (Number.isNaN(intervalMs)) return
    const mean = this.#frameIntervalMs
    this.#frameIntervalMs = Number.isNaN(mean) ? intervalMs : mean + (intervalMs - mean) / 8
  }

  #measure(alive: boolean, nowMs: number): LayerInfo {
    const known = alive && nowMs - this.#firstMs >= RATE_KNOWN_AFTER_MS
    return {
      alive,
      bitrateBps: known ? this.#total.bps(nowMs) : Number.NaN,
      fps: 1000 / this.#frameIntervalMs,
      width: this.#width,
      height: this.#height,
      sublayers: known ? this.#sublayers(nowMs) : [],
    }
  }

  #sublayers(nowMs: number): SublayerInfo[] {
    const seen = this.#parts.flatMap((meter, at) => {
      const bps = meter?.bps(nowMs) ?? 0
      return bps > 0 ? [{ spatialId: at >> 3, temporalId: at & MAX_ID, bps }] : []
    })
    return seen.map(({ spatialId, temporalId }) => {
      const parts = seen.filter((part) => part.spatialId <= spatialId && part.temporalId <= temporalId)
      const { width, height } = this.#spatialSizes[spatialId] ?? UNKNOWN_SIZE
      return { spatialId, temporalId, bitrateBps: parts.reduce((sum, { bps }) => sum + bps, 0), width, height }
    })
  }
}

function createMeter(): RateMeter {
  return new RateMeter(RATE_WINDOW_MS, RATE_BUCKETS)
}
