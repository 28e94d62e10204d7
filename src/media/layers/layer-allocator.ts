/**
 * Turns what a viewer's network carries into what the viewer gets: audio first, then of each video the best layer that fits. Less at once
 * when it has to be, more only when that is likely to last. Knows no packets, no clock and no network: facts and the time go in, choices
 * with their reasons come out.
 */
import { AllocatedVideo } from './allocated-video.js'
import {
  type Allocation,
  type AllocationInput,
  type LayerChange,
  type LayerChangeReason,
  type LayerChoice,
  NO_LAYER,
  sameChoice,
  type VideoDemand,
} from './allocation.js'
import { climb, costOf, type LadderShare } from './ladder-fit.js'
import { StarvedRetry } from './starved-retry.js'
import { UpswitchHold } from './upswitch-hold.js'

/** To go up, the estimate has to be this many times what is needed. */
const UP_MARGIN = 1.06
/** What is looked for is a little more than that: what layers take wavers. */
export const WANTED_MARGIN = 1.15
/** What is needed may exceed the estimate by so much before it goes down: both are measured. */
const TOLERANCE = 1.05
/** Estimates dip by a seventh whenever a queue begins: by so much they may be exceeded for so long. */
const DIP_TOLERANCE = 1.25
const DIP_MS = 2000
/** What has just begun does so with a keyframe, which looks like a higher rate and makes a queue: for so long by so much. */
const BEGIN_TOLERANCE = 1.5
const BEGIN_MS = 1500
/** The least there is of the first video is kept while the estimate is at least this part of what it needs... */
const STARVED_BELOW = 0.5
/** ...or has not been below for this long. */
const STARVED_AFTER_MS = 5000
/** A layer that could not be switched to is not tried again for this long. */
const FAILED_FOR_MS = 10_000

/** The allocator of one viewer. */
export class LayerAllocator {
  readonly #hold = new UpswitchHold()
  readonly #retry = new StarvedRetry()
  readonly #videos = new Map<string, AllocatedVideo>()
  /** Since when more is needed than the estimate allows; NaN while it is not. */
  #crowdedSinceMs = Number.NaN

  /**
   * Decides anew. To be called about ten times a second while there is a choice, and whenever something is different: it costs little
   * when nothing changes.
   */
  allocate(input: AllocationInput, nowMs: number): Allocation {
    const budgetBps = Math.min(input.targetBps, input.maxBitrateBps)
    this.#hold.observe(budgetBps, nowMs)
    const videos = this.#known(input)
    const before = videos.map(({ choice }) => choice)
    for (const [i, video] of videos.entries()) video.update(input.videos[i] as VideoDemand, nowMs)
    const crowded = this.#isCrowded(videos, input, nowMs)
    const nothing = videos.every(({ at }) => at < 0) && videos.some(({ ladder }) => ladder.length > 0)
    const retried = this.#retry.isDue(nothing, nowMs)
    const placed = videos.some(({ displaced }) => displaced) || crowded || retried
    if (placed) this.#place(videos, input, retried, nowMs)
    else if (Number.isNaN(this.#crowdedSinceMs)) this.#improve(videos, input.audioBps, nowMs)
    if (!crowded) for (const video of videos) video.starvedSinceMs = Number.NaN
    const changes = videos.flatMap((video, i) => this.#change(video, before[i] as LayerChoice, input))
    const neededBps = input.audioBps + costOf(videos.map((video) => shareOf(video, video.at)))
    this.#note(changes, neededBps, nowMs)
    const bestBps = costOf(videos.map((video) => shareOf(video, video.ladder.length - 1)))
    return {
      choices: videos.map(({ choice }) => choice),
      changes,
      neededBps,
      retried,
      wantedBps: Math.min(input.maxBitrateBps, WANTED_MARGIN * (input.audioBps + bestBps)),
    }
  }

  /** The last change of a video could not be carried out: what was forwarded before it still is, and `layer` is left alone for a while. */
  switchFailed(id: string, layer: number, nowMs: number): void {
    const video = this.#videos.get(id)
    if (video === undefined || video.choice.layer !== layer) return
    video.fail(layer, nowMs + FAILED_FOR_MS)
    video.choice = video.previous
  }

  /** True if less has to be sent: much less, or for some time already. A limit that somebody has set holds at once. */
  #isCrowded(videos: readonly AllocatedVideo[], input: AllocationInput, nowMs: number): boolean {
    const neededBps = costOf(videos.map((video) => shareOf(video, video.at)))
    const exceeds = (bps: number, tolerance: number): boolean => neededBps > (bps - input.audioBps) * tolerance
    if (!exceeds(input.targetBps, TOLERANCE)) this.#crowdedSinceMs = Number.NaN
    else if (Number.isNaN(this.#crowdedSinceMs)) this.#crowdedSinceMs = nowMs
    const tolerance = nowMs - this.#hold.upMs < BEGIN_MS ? BEGIN_TOLERANCE : DIP_TOLERANCE
    if (exceeds(input.maxBitrateBps, TOLERANCE) || exceeds(input.targetBps, tolerance)) return true
    return nowMs - this.#crowdedSinceMs >= DIP_MS
  }

  /** What is remembered of the videos, in the order of their layers now; videos that are gone are forgotten. */
  #known(input: AllocationInput): AllocatedVideo[] {
    const videos = input.videos.map(({ id, layers }) => {
      const video = this.#videos.get(id) ?? new AllocatedVideo(id)
      video.reorder(layers)
      return video
    })
    this.#videos.clear()
    for (const video of videos) this.#videos.set(video.id, video)
    return videos
  }

  /** Shares the rate anew among all; nobody gets more than before who has no reason to, such as having nothing for long enough. */
  #place(videos: readonly AllocatedVideo[], input: AllocationInput, retried: boolean, nowMs: number): void {
    const budgetBps = Math.min(input.targetBps, input.maxBitrateBps) - input.audioBps
    const carriedBps = Math.min(input.carriedBps, input.maxBitrateBps) - input.audioBps
    const shares = videos.map((video) => {
      const cap = video.displaced ? video.ladder.length - 1 : retried ? 0 : video.at
      return { ...shareOf(video, -1), cap }
    })
    this.#keepFirst(videos, shares, carriedBps, nowMs)
    climb(shares, budgetBps - costOf(shares))
    videos.forEach((video, i) => {
      video.at = shares[i]?.at ?? -1
    })
  }

  /** Without a picture at all, a viewer is worse off than with one that stutters for a moment: estimates begin low, and dip. */
  #keepFirst(videos: readonly AllocatedVideo[], shares: LadderShare[], budgetBps: number, nowMs: number): void {
    let first = -1
    for (const [i, { ladder, priority, cap }] of shares.entries()) {
      if (ladder.length > 0 && cap >= 0 && priority > (shares[first]?.priority ?? Number.NEGATIVE_INFINITY)) first = i
    }
    const video = videos[first]
    const share = shares[first]
    if (video === undefined || share === undefined) return
    const starved = budgetBps < STARVED_BELOW * (share.ladder[0]?.bitrateBps ?? 0)
    if (!starved) video.starvedSinceMs = Number.NaN
    else if (Number.isNaN(video.starvedSinceMs)) video.starvedSinceMs = nowMs
    if (starved && nowMs - video.starvedSinceMs >= STARVED_AFTER_MS) return
    share.at = 0
  }

  #improve(videos: readonly AllocatedVideo[], audioBps: number, nowMs: number): void {
    const allowedBps = this.#hold.allowedBps(nowMs) - audioBps
    if (allowedBps <= 0) return
    const shares = videos.map((video) => ({ ...shareOf(video, video.at), cap: video.ladder.length - 1 }))
    const budgetBps = Math.min(allowedBps / UP_MARGIN, this.#hold.belowBps(nowMs) - audioBps)
    climb(shares, budgetBps - costOf(shares))
    videos.forEach((video, i) => {
      video.at = shares[i]?.at ?? -1
    })
  }

  /** Carries the rung over into the choice. */
  #change(video: AllocatedVideo, from: LayerChoice, input: AllocationInput): LayerChange[] {
    const { ladder, at } = video
    const hadBest = video.hadBest
    video.hadBest = at === ladder.length - 1
    const demand = input.videos.find(({ id }) => id === video.id)
    const paused = demand?.preference.paused ?? false
    // Where nothing is there at all, what there was may come back.
    const kept = ladder.length === 0 && !paused ? video.choice : NO_LAYER
    const to = toChoice(ladder[at] ?? kept)
    if (sameChoice(from, to)) return []
    video.previous = from
    video.choice = to
    const isAlive = demand?.layers[from.layer]?.info.alive ?? false
    const reason = paused ? 'paused' : reasonOf(video, from, isAlive, hadBest, isBetter(to, from), input)
    return [{ id: video.id, from, to, reason }]
  }

  #isLeast(id: string): boolean {
    return (this.#videos.get(id)?.at ?? 0) <= 0
  }

  #note(changes: readonly LayerChange[], neededBps: number, nowMs: number): void {
    const byEstimate = changes.filter(({ reason }) => reason === 'bandwidth')
    if (byEstimate.some(({ from, to }) => isBetter(from, to))) this.#hold.steppedDown(nowMs)
    // To begin with the least is no try that could fail: it has to begin with something.
    else if (changes.some(({ id, from, to }) => isBetter(to, from) && (from.layer >= 0 || !this.#isLeast(id)))) {
      this.#hold.steppedUp(neededBps, nowMs)
    }
  }
}

function shareOf({ ladder, priority }: AllocatedVideo, at: number): LadderShare {
  return { ladder, priority, cap: at, at }
}

function toChoice({ layer, spatialId, temporalId }: LayerChoice): LayerChoice {
  return { layer, spatialId, temporalId }
}

function isBetter(a: LayerChoice, b: LayerChoice): boolean {
  if (a.layer !== b.layer) return a.layer > b.layer
  return a.spatialId !== b.spatialId ? a.spatialId > b.spatialId : a.temporalId > b.temporalId
}

function reasonOf(
  video: AllocatedVideo,
  from: LayerChoice,
  isAlive: boolean,
  hadBest: boolean,
  better: boolean,
  input: AllocationInput,
): LayerChangeReason {
  if (video.wasPaused) return 'resumed'
  if (from.layer >= 0 && !isAlive) return 'layer-ended'
  if (video.preferenceChanged) return 'preference'
  if (video.loweredChanged) return 'overload'
  if (video.gone && !better) return 'layer-ended'
  if (better && hadBest) return 'layer-started'
  return input.maxBitrateBps < input.targetBps ? 'preference' : 'bandwidth'
}
