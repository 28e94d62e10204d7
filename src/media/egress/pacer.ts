/**
 * Spreads what a viewer is sent over time (draft-ietf-rmcat-gcc-02, section 4), and keeps what waits within bounds: audio at once,
 * then what is sent again, then video, then padding for probes. What cannot be sent in time is dropped up to the next keyframe.
 *
 * It keeps references, so a packet gets its number when it leaves: what is dropped here leaves no gap.
 */
import { RateMeter } from '../../util/rate-meter.js'
import type { MediaLayer, StoredPacket } from '../types.js'
import type { FlatRecord } from './flat-record.js'
import type { PacedStream, PacerConfig, PacerOptions, PacerProbe, PacerStats } from './pacer-config.js'
import { PacerLane } from './pacer-lane.js'
import { PacerQueue } from './pacer-queue.js'
import { PacingBudget } from './pacing-budget.js'
import { GATE, GATE_CLOSED, GATE_PACED, GATE_UNLIMITED } from './viewer-record.js'

/** No more repairs wait than can be sent in this time: a receiver that misses a packet for longer asks for it again. */
const MAX_REPAIRS_MS = 150
/** Repairs go first by so many bytes; then they and what is new take turns. */
const REPAIRS_AHEAD_BYTES = 8000
/** What repairs take is averaged over this. */
const REPAIR_WINDOW_MS = 2000
/** Padding packets are about so long. */
const PADDING_BYTES = 1100
/** A transport that takes nothing is asked again after this. */
const BACKLOG_RETRY_MS = 10

/** The pacer of one viewer. Nothing is limited before the first `setTarget`. */
export class Pacer {
  #unlimited = true
  readonly stats: PacerStats = { queued: 0, dropped: 0, drops: 0, evicted: 0, retransmissionsDropped: 0 }
  readonly #config: PacerConfig
  readonly #options: PacerOptions
  readonly #budget: PacingBudget
  readonly #lanes: PacerLane[] = []
  readonly #again = new PacerQueue<PacerLane>()
  readonly #video = new PacerQueue<PacerLane>()
  readonly #repairs = new RateMeter(REPAIR_WINDOW_MS)
  /** By how much repairs are ahead of what is new. */
  #repairsAheadBytes = 0
  #ample = false
  #announcedMs = Number.POSITIVE_INFINITY

  constructor(options: PacerOptions) {
    this.#options = options
    this.#config = options.config
    this.#budget = new PacingBudget(options.config)
    this.#updateGate()
  }

  /** The numbers of the viewer; `GATE` says what of its packets needs no asking here. */
  get record(): FlatRecord {
    return this.#budget.record
  }

  /** True while everything passes: no estimate limits anything, or it is ample, and nothing waits. */
  get unlimited(): boolean {
    return this.#unlimited
  }

  /** The probe that the packet belongs to which is being sent, 0 for none. To be asked once for each packet. */
  takeClusterId(): number {
    return this.#budget.takeClusterId()
  }

  /** Bytes that wait. */
  get queuedBytes(): number {
    return this.#again.bytes + this.#video.bytes
  }

  /** False while nothing is limited, or a probe is being sent: `startProbe` does nothing then. */
  get canProbe(): boolean {
    return !this.unlimited && !this.#budget.isProbing
  }

  /** The rate of what has been sent again of late. */
  repairBps(nowMs: number): number {
    return this.#repairs.bps(nowMs)
  }

  /** How long the packet that waits longest has waited. */
  queueAgeMs(nowMs: number): number {
    return Math.max(0, nowMs - Math.min(this.#again.headSinceMs, this.#video.headSinceMs))
  }

  /** A lane for one more video stream. */
  addLane(stream: PacedStream): PacerLane {
    const lane = new PacerLane(stream)
    this.#lanes.push(lane)
    return lane
  }

  /**
   * What the network is estimated to carry; infinity for no limit. While it is `strained`, full, packets leave no faster than that, and what was
   * forwarded before a change is not repaired any more, as that would hold up what is now. While it is `ample` for all that there is to send, only what
   * comes with a keyframe is spread: the rest leaves as the publisher has paced it, together with that of other viewers, at a fraction of the CPU.
   */
  setTarget(bps: number, strained: boolean, nowMs: number, ample = false): void {
    this.#budget.setTarget(bps, nowMs)
    this.#budget.strained = strained
    this.#ample = ample
    if (!this.#passesAll) this.#unlimited = false
    // What waits leaves with the next tick, and then nothing is limited any more.
    else if (!this.unlimited) this.#announce(nowMs)
    this.#updateGate()
  }

  /**
   * Sends what a probe takes from now on, at its rate: what there is to send, and padding. False, and nothing is sent, while nothing is limited
   * or another is being sent.
   */
  startProbe(probe: PacerProbe, nowMs: number): boolean {
    if (!this.canProbe) return false
    this.#budget.startProbe(probe, nowMs)
    this.#updateGate()
    this.#announce(nowMs)
    return true
  }

  /** A packet leaves that does not wait, such as audio, `bytes` long on the wire. */
  passed(bytes: number, nowMs: number): void {
    if (this.unlimited) return
    this.#budget.settle(nowMs)
    // It has left already, as part of no probe.
    this.#budget.owe(bytes)
  }

  /**
   * A packet of `layer` is to be sent, `bytes` long on the wire.
   *
   * @returns true if it is to be sent now, and is accounted for; false if the pacer has it: it calls `sendPaced` when it is time, or has
   * dropped it.
   */
  offer(lane: PacerLane, packet: StoredPacket, layer: MediaLayer, bytes: number, nowMs: number): boolean {
    if (this.unlimited && this.#ample && packet.keyframe) this.#close(nowMs)
    return (this.unlimited && !this.#isBacklogged) || this.#offer(lane, packet, layer, bytes, nowMs)
  }

  /** A packet is to be sent again that went out as `outExtSeq`, before the newest change if `past`; otherwise as `offer`, with `sendAgain`. */
  offerAgain(lane: PacerLane, outExtSeq: number, bytes: number, past: boolean, nowMs: number): boolean {
    if (past && this.#budget.strained) {
      this.stats.retransmissionsDropped++
      return false
    }
    const isOpen = this.unlimited && !this.#isBacklogged
    if (isOpen || (this.#again.length === 0 && this.#mayPass(bytes, nowMs))) {
      this.#repairs.add(bytes, nowMs)
      return true
    }
    // Who has not got it yet asks again.
    const fits = this.#again.bytes + bytes <= this.#budget.bytesIn(MAX_REPAIRS_MS)
    if (!fits || !this.#hasRoom(bytes)) {
      this.stats.retransmissionsDropped++
      return false
    }
    this.#enqueue(this.#again, lane, undefined, outExtSeq, bytes, false, nowMs)
    return false
  }

  /** The stream is fed by something else, or by nothing, from now on: what waits of it is forgotten, and no keyframe is missing. */
  clear(lane: PacerLane, nowMs: number): void {
    lane.resumed(nowMs)
    this.#again.remove(lane, this.#again.length)
    this.#video.remove(lane, this.#video.length)
  }

  /** Sends and drops what is due; returns when it wants to be called next, in the core's time. */
  tick(nowMs: number): number {
    this.#budget.settle(nowMs)
    this.#dropOverdue(nowMs)
    while (this.#budget.isOpen && !this.#isBacklogged && this.#sendNext(nowMs));
    this.#requestKeyframes(nowMs)
    if (this.#passesAll && this.queuedBytes === 0 && !this.#isBacklogged && !this.#budget.isProbing) this.#open(nowMs)
    this.#updateGate()
    this.#announcedMs = this.#dueMs(nowMs)
    return this.#announcedMs
  }

  /** Nothing needs to wait but what comes with a keyframe. */
  get #passesAll(): boolean {
    return this.#ample || this.#budget.isInfinite
  }

  get #isBacklogged(): boolean {
    return this.#options.isBacklogged?.() === true
  }

  #offer(lane: PacerLane, packet: StoredPacket, layer: MediaLayer, bytes: number, nowMs: number): boolean {
    const { keyframe } = packet
    if (keyframe) this.#options.onKeyframe?.(nowMs)
    if (lane.skipping && !keyframe) {
      this.stats.dropped++
      return false
    }
    if (lane.skipping) lane.resumed(nowMs)
    if (this.#video.length === 0 && this.#again.length === 0 && this.#mayPass(bytes, nowMs)) {
      this.#updateGate()
      return true
    }
    if (!this.#makeRoom(lane, bytes, nowMs) || (lane.skipping && !keyframe)) {
      this.stats.dropped++
      return false
    }
    if (lane.skipping) lane.resumed(nowMs)
    this.#enqueue(this.#video, lane, layer, packet.extSeq, bytes, keyframe, nowMs)
    return false
  }

  #updateGate(): void {
    const { numbers, at } = this.#budget.record
    const isPlain = this.#video.length === 0 && this.#again.length === 0 && this.#budget.isPlain
    numbers[at + GATE] = this.#unlimited ? GATE_UNLIMITED : isPlain ? GATE_PACED : GATE_CLOSED
  }

  #enqueue(
    queue: PacerQueue<PacerLane>,
    lane: PacerLane,
    layer: MediaLayer | undefined,
    extSeq: number,
    bytes: number,
    keyframe: boolean,
    nowMs: number,
  ): void {
    this.stats.queued++
    queue.push(lane, layer, extSeq, bytes, keyframe, nowMs)
    // What comes next must not overtake it.
    this.#unlimited = false
    this.#updateGate()
    this.#announce(this.#clearMs(nowMs))
  }

  #mayPass(bytes: number, nowMs: number): boolean {
    this.#budget.settle(nowMs)
    if (!this.#budget.isOpen || this.#isBacklogged) return false
    this.#account(bytes)
    return true
  }

  #account(bytes: number): void {
    this.#budget.begin()
    this.#budget.paid(bytes)
  }

  /** Sends the next packet there is; false if there is none. */
  #sendNext(nowMs: number): boolean {
    const queue = this.#isRepairsTurn ? this.#again : this.#video
    const lane = queue.headLane
    if (lane === undefined) return this.#pad(nowMs)
    const { headLayer, headExtSeq } = queue
    queue.shift()
    this.#budget.begin()
    const { stream } = lane
    const sent = headLayer ? stream.sendPaced(headLayer, headExtSeq, nowMs) : stream.sendAgain(headExtSeq, nowMs)
    if (headLayer === undefined) this.#repairs.add(sent, nowMs)
    this.#noteTurn(headLayer === undefined ? sent : -sent)
    if (sent === 0) this.stats.evicted++
    this.#budget.paid(sent)
    return true
  }

  get #isRepairsTurn(): boolean {
    if (this.#again.length === 0) return false
    return this.#video.length === 0 || this.#repairsAheadBytes < REPAIRS_AHEAD_BYTES
  }

  #noteTurn(bytes: number): void {
    this.#repairsAheadBytes = Math.min(REPAIRS_AHEAD_BYTES, Math.max(0, this.#repairsAheadBytes + bytes))
  }

  #pad(nowMs: number): boolean {
    if (!this.#budget.isProbing) return false
    this.#budget.begin()
    const sent = this.#options.sendPadding(PADDING_BYTES, nowMs)
    if (sent === 0) this.#budget.endProbe()
    this.#budget.paid(sent)
    return sent > 0
  }

  #hasRoom(bytes: number): boolean {
    return this.queuedBytes + bytes <= this.#config.maxQueueBytes
  }

  /** Makes room by dropping what waits of the lane; false if that is not enough. */
  #makeRoom(lane: PacerLane, bytes: number, nowMs: number): boolean {
    if (this.#hasRoom(bytes)) return true
    this.#drop(lane, nowMs)
    if (this.#hasRoom(bytes)) return true
    // What comes now is missing behind the keyframe that waits.
    this.stats.dropped += this.#video.remove(lane, this.#video.length)
    if (!lane.skipping) lane.dropped(false, nowMs)
    return this.#hasRoom(bytes)
  }

  #dropOverdue(nowMs: number): void {
    const sinceMs = nowMs - this.#config.maxQueueMs
    while (this.#again.headSinceMs < sinceMs) {
      this.#again.shift()
      this.stats.retransmissionsDropped++
    }
    for (let lane = this.#video.headLane; lane && this.#video.headSinceMs < sinceMs; lane = this.#video.headLane) {
      this.#drop(lane, nowMs)
    }
  }

  /** Drops what waits of the lane up to its newest keyframe, and that too if it is overdue itself. */
  #drop(lane: PacerLane, nowMs: number): void {
    const queue = this.#video
    const keyframe = queue.newestKeyframe(lane)
    const inTime = keyframe > 0 && queue.sinceMs(keyframe) >= nowMs - this.#config.maxQueueMs
    this.stats.dropped += queue.remove(lane, inTime ? keyframe : queue.length)
    this.stats.drops++
    lane.dropped(inTime, nowMs)
  }

  /** A keyframe is asked for when it could be sent. */
  #requestKeyframes(nowMs: number): void {
    if (this.#video.length > 0 || this.#isBacklogged) return
    for (const lane of this.#lanes) if (nowMs >= lane.requestDueMs) lane.request(nowMs)
  }

  /** A keyframe comes: it, and what comes behind it until it has left, is paced. */
  #close(nowMs: number): void {
    if (this.#budget.isInfinite) return
    this.#unlimited = false
    this.#updateGate()
    this.#announce(nowMs)
  }

  /** From now on everything passes. */
  #open(nowMs: number): void {
    this.#unlimited = true
    for (const lane of this.#lanes) {
      if (lane.requestDueMs < Number.POSITIVE_INFINITY) lane.request(nowMs)
      lane.resumed(nowMs)
    }
  }

  #dueMs(nowMs: number): number {
    const isHeld = this.#passesAll && !this.unlimited
    if (this.queuedBytes > 0 || this.#budget.isProbing || isHeld) return this.#clearMs(nowMs)
    let dueMs = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes) dueMs = Math.min(dueMs, lane.requestDueMs)
    return this.#isBacklogged ? Math.max(dueMs, nowMs + BACKLOG_RETRY_MS) : dueMs
  }

  /** When the next packet may leave, as far as is known. */
  #clearMs(nowMs: number): number {
    const dueMs = this.#budget.clearMs(nowMs)
    return this.#isBacklogged ? Math.max(dueMs, nowMs + BACKLOG_RETRY_MS) : dueMs
  }

  #announce(dueMs: number): void {
    if (dueMs >= this.#announcedMs) return
    this.#announcedMs = dueMs
    this.#options.onDue(dueMs)
  }
}
