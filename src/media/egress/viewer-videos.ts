/** The videos of one viewer: what it wants of them, what its network carries, and which layers it gets of each because of both. */
import { type AllocationInput, NO_LAYER, type VideoDemand } from '../layers/allocation.js'
import { firstChoices, firstLayer } from '../layers/first-choice.js'
import { LayerAllocator, WANTED_MARGIN } from '../layers/layer-allocator.js'
import type { MediaSource, MediaTrack } from '../types.js'
import type { CongestionControl } from './congestion-control.js'
import type { EgressTrack } from './egress-track.js'
import type { LayerEvent } from './layer-event.js'
import { LayerReporter } from './layer-reporter.js'
import { RankedLayers } from './ranked-layers.js'
import { VideoLayers } from './video-layers.js'
import type { VideoSlot, VideoStream } from './video-stream.js'
import type { LayerPreference, ViewerSettings } from './viewer-settings.js'

/** The first estimates are guesses: a viewer begins with the least layer for so long, instead of going up and down. */
const SETTLE_MS = 1500

/** How often layers are chosen anew while there is a choice, and while there is none: for the sake of the estimate, or of limits. */
const ALLOCATE_EVERY_MS = 100
const ALLOCATE_SELDOM_MS = 1000

/** What a viewer wants and may have, without what its network carries. */
type ViewerDemand = Omit<AllocationInput, 'targetBps' | 'carriedBps'>

/** How {@link ViewerVideos} are made. */
export interface ViewerVideosOptions {
  readonly audios: readonly EgressTrack[]
  /** The streams of each video section: one, or one per layer of the video, worst quality first, which then have rids. */
  readonly videos: readonly (readonly EgressTrack[])[]
  readonly congestion: CongestionControl
  /** Whether an estimate will come, so that it is worth to wait for it before choosing. */
  readonly settles: boolean
  readonly onFault: (error: unknown) => void
  readonly onLayer: (event: LayerEvent) => void
}

/** See the top of the file. */
export class ViewerVideos {
  /** One per video stream, in their order. */
  readonly all: readonly VideoStream[]
  /** One per video section, in their order. */
  readonly #slots: readonly VideoSlot[]
  readonly #audios: readonly EgressTrack[]
  readonly #congestion: CongestionControl
  readonly #allocator = new LayerAllocator()
  readonly #reporter: LayerReporter
  readonly #settles: boolean
  #settledMs = 0
  /** When to choose anew. */
  #allocateDueMs = Number.POSITIVE_INFINITY
  /** When what is forwarded has to be looked at, besides at every `tick`. */
  #reportDueMs = Number.POSITIVE_INFINITY
  /** The viewer has begun to say what its network carries. */
  #hasEstimate = false
  #paused = false
  #layer: LayerPreference = {}
  /** By mid, where one m-line has limits of its own within that. */
  readonly #sectionLayers = new Map<string, LayerPreference>()
  #maxBitrateBps = Number.POSITIVE_INFINITY
  #loweredLayers = 0

  constructor({ audios, videos, congestion, settles, onFault, onLayer }: ViewerVideosOptions) {
    this.#congestion = congestion
    this.#settles = settles
    this.#audios = audios
    const onSwitchFailed = (video: VideoLayers, layer: number, nowMs: number): void =>
      this.#allocator.switchFailed(video.id, layer, nowMs)
    this.#slots = videos.map((tracks) => {
      const [track] = tracks as [EgressTrack]
      const isRanked = track.section.rid !== undefined
      return isRanked ? new RankedLayers(tracks, onFault) : new VideoLayers(track, onSwitchFailed, onFault)
    })
    this.all = this.#slots.flatMap(({ streams }) => streams)
    this.#reporter = new LayerReporter(this.all, onLayer)
  }

  /** When `tick` wants to be called next. */
  get dueMs(): number {
    return Math.min(this.#allocateDueMs, this.#reportDueMs)
  }

  /** What the viewer wants from now on; to be followed by `allocate` once it is started. */
  configure(settings: ViewerSettings): void {
    this.#paused = settings.paused?.video ?? this.#paused
    this.#reporter.setPaused(this.#paused)
    if (settings.layer !== undefined) this.#layer = settings.layer ?? {}
    this.#loweredLayers = settings.loweredLayers ?? this.#loweredLayers
    if (settings.section !== undefined) this.#preferForSection(settings.section)
    if (settings.maxBitrateBps !== undefined) this.#maxBitrateBps = settings.maxBitrateBps ?? Number.POSITIVE_INFINITY
  }

  /** The transport is up. */
  start(nowMs: number): void {
    this.#settledMs = this.#settles ? nowMs + SETTLE_MS : nowMs
  }

  /** The viewer has told something of its network; the first time changes what is known, and when `tick` wants to be called: true then. */
  feedbackReceived(nowMs: number): boolean {
    if (this.#hasEstimate || !this.#congestion.hasFeedback) return false
    this.#hasEstimate = true
    this.allocate(nowMs)
    return true
  }

  /** The viewer has paused one of its streams, or resumed it. To be followed by `allocate`. */
  streamPaused(track: EgressTrack): void {
    const index = this.all.findIndex((video) => video.track === track)
    if (index >= 0) this.#reporter.setStreamPaused(index, track.pause.paused)
  }

  /** Video section `index` carries that track of `publisher`'s from now on, under the feed's name. To be followed by `allocate`. */
  carry(
    index: number,
    track: MediaTrack | undefined,
    feed: string | undefined,
    publisher: MediaSource | undefined,
    nowMs: number,
  ): void {
    const slot = this.#slots[index]
    slot?.setSource(track, publisher?.id ?? '', nowMs)
    for (const video of slot?.streams ?? []) this.#reporter.carry(this.all.indexOf(video), feed, publisher)
    this.#reportDueMs = nowMs
  }

  /** Decides which layer of each video is sent. */
  allocate(nowMs: number): void {
    const hasChoice = this.all.some((video) => this.#hasChoice(video, nowMs))
    this.#congestion.spreads = hasChoice
    this.#allocateDueMs = Number.POSITIVE_INFINITY
    if (hasChoice) this.#allocateDueMs = nowMs + ALLOCATE_EVERY_MS
    else if (this.#hasEstimate || this.#isLimited) this.#allocateDueMs = nowMs + ALLOCATE_SELDOM_MS
    const input: ViewerDemand = {
      maxBitrateBps: this.#maxBitrateBps,
      audioBps: this.#audioBps(nowMs),
      videos: this.all.map((video) => this.#demand(video, nowMs)),
    }
    if (nowMs < this.#settledMs && !this.#paused) {
      this.#wantBest(input, nowMs)
      const choices = firstChoices(input, nowMs)
      this.all.forEach((video, i) => {
        // Of several streams of one video, the first shows what the network carries.
        const waits = video.track.pause.paused || (video.rank ?? 0) > 0
        video.select(waits ? NO_LAYER : (choices[i] ?? NO_LAYER), nowMs)
        this.#reporter.decide(i, video.hasChoice(nowMs) ? choices[i] : undefined)
      })
      return
    }
    if (!hasChoice && !this.#paused && !this.#isLimited) this.#forwardAll(input, nowMs)
    else this.#choose(input, nowMs)
  }

  /** There is nothing to choose from: all of it, whatever the network carries. A picture that stutters is better than none. */
  #forwardAll({ audioBps, videos }: ViewerDemand, nowMs: number): void {
    let bps = audioBps
    for (const [i, video] of this.all.entries()) {
      const { layers, preference } = videos[i] as VideoDemand
      const info = layers[0]?.info
      if (info?.alive === true && info.bitrateBps > 0) bps += info.bitrateBps
      video.select(firstLayer(preference), nowMs)
      this.#reporter.decide(i)
    }
    this.#congestion.setWanted(WANTED_MARGIN * bps, nowMs)
  }

  #choose(input: ViewerDemand, nowMs: number): void {
    const { choices, changes, neededBps, wantedBps, retried } = this.#allocator.allocate(
      { ...input, targetBps: this.#congestion.availableBps(nowMs), carriedBps: this.#congestion.carriedBps(nowMs) },
      nowMs,
    )
    this.#congestion.setWanted(wantedBps + this.#resumableBps(nowMs), nowMs)
    if (retried) this.#congestion.assume(neededBps, nowMs)
    this.all.forEach((video, i) => {
      const isChosen = this.#hasChoice(video, nowMs) || this.#paused
      const choice = isChosen ? choices[i] : undefined
      const { preference } = input.videos[i] as VideoDemand
      video.select(isChosen ? (choice ?? NO_LAYER) : firstLayer(preference), nowMs)
      this.#reporter.decide(i, choice, isChosen ? changes.find(({ id }) => id === video.id) : undefined)
    })
  }

  /** Chooses anew when that is due. */
  tick(nowMs: number): void {
    if (nowMs >= this.#allocateDueMs) this.allocate(nowMs)
    for (const { selector } of this.all) selector.tick(nowMs)
  }

  /** Tells what is forwarded now, where that has changed. */
  report(): void {
    this.#reportDueMs = Number.POSITIVE_INFINITY
    this.#reporter.report()
  }

  /** Lets go of all sources; a video may be waiting for the keyframe of a layer that it does not take yet. */
  close(nowMs: number): void {
    for (const slot of this.#slots) slot.setSource(undefined, '', nowMs)
  }

  /** The viewer may not want all of what turns out to be there. */
  get #isLimited(): boolean {
    if (this.#maxBitrateBps < Number.POSITIVE_INFINITY || this.#sectionLayers.size > 0) return true
    return Object.keys(this.#layer).length > 0
  }

  #demand(video: VideoStream, nowMs: number): VideoDemand {
    const own = this.#sectionLayers.get(video.track.section.mid)
    const limits = own === undefined ? this.#layer : { ...own, within: this.#layer }
    return video.demand(
      { ...limits, paused: this.#paused || video.track.pause.paused, loweredLayers: this.#loweredLayers },
      nowMs,
    )
  }

  #hasChoice(video: VideoStream, nowMs: number): boolean {
    return video.hasChoice(nowMs) || video.track.pause.paused
  }

  /** What the viewer has paused would take: it should come at once when it is resumed, so the network is to be known well enough for it. */
  #resumableBps(nowMs: number): number {
    let bps = 0
    for (const video of this.all) bps += video.resumableBps(nowMs)
    return bps
  }

  #preferForSection({ mid, layer }: NonNullable<ViewerSettings['section']>): void {
    // Only for what there is: what callers say must not fill the memory.
    if (layer !== null && this.all.some(({ track }) => track.section.mid === mid)) this.#sectionLayers.set(mid, layer)
    else this.#sectionLayers.delete(mid)
  }

  /**
   * What all of it takes, as far as that is known: the first probes need not look for more, and padding for hundreds of viewers who join
   * costs. Another server, which takes each layer as a stream, gets to know its network as far as it goes.
   */
  #wantBest({ audioBps, videos, maxBitrateBps }: ViewerDemand, nowMs: number): void {
    if (this.all.some(({ rank }) => rank !== undefined)) return
    let bps = audioBps
    for (const { layers } of videos) bps += Math.max(0, ...layers.map(({ info }) => (info.alive ? info.bitrateBps : 0)))
    if (bps > 0) this.#congestion.setWanted(Math.min(maxBitrateBps, WANTED_MARGIN * bps), nowMs)
  }

  #audioBps(nowMs: number): number {
    let bps = 0
    for (const track of this.#audios) bps += track.bitrateBps(nowMs)
    return bps
  }
}
