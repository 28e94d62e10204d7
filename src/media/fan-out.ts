/**
 * Hands the packets of a layer to its sinks: at once, or, to sinks that take several at a time, what has come in one turn of the event loop together. A
 * picture comes as a burst, and a viewer's state is read from memory once for all of it.
 */
import { LayerSinks } from './layer-sinks.js'
import type { LayerSink, MediaLayer, StoredPacket } from './types.js'

/** So many packets wait at most; then they do not wait for the end of the turn. */
const MAX_WAITING = 64

/** Packets that wait for the end of a turn. */
export interface WaitingPackets {
  /** Hands them over. */
  flush(nowMs: number): void
}

/** Who knows when a turn of the event loop ends. */
export interface FanOutQueue {
  /** `flush` is to be called at the end of the turn. Told once, with the first packet that waits. */
  add(waiting: WaitingPackets): void
  /** The time, for those to whom much is handed over. */
  readonly nowMs?: () => number
}

/** What bounds a layer's history: what waits must not be gone when its turn comes. */
export interface FanOutBounds {
  readonly historyPackets: number
  readonly historyBytes: number
}

/** See the top of the file. */
export class FanOut implements WaitingPackets {
  readonly #layer: MediaLayer
  readonly #queue: FanOutQueue | undefined
  /** Fed at once. */
  readonly #prompt = new LayerSinks()
  /** Fed at the end of the turn. */
  readonly #patient = new LayerSinks()
  readonly #maxWaiting: number
  readonly #maxBytes: number
  readonly #maxSpan: number
  /** The numbers of what waits: the history's objects may have become other packets by then. */
  readonly #extSeqs: number[] = []
  #waiting = 0
  #waitingBytes = 0
  #newestMs = 0
  readonly #packets: StoredPacket[] = []

  /** @param queue without one, nothing waits. */
  constructor(layer: MediaLayer, bounds: FanOutBounds, queue: FanOutQueue | undefined) {
    this.#layer = layer
    this.#queue = queue
    this.#maxWaiting = Math.max(1, Math.min(MAX_WAITING, bounds.historyPackets >> 2))
    this.#maxSpan = bounds.historyPackets >> 1
    this.#maxBytes = bounds.historyBytes / 2
  }

  /** How many sinks there are. */
  get count(): number {
    return this.#prompt.count + this.#patient.count
  }

  /** All sinks now. */
  all(): LayerSink[] {
    return [...this.#prompt.all(), ...this.#patient.all()]
  }

  has(sink: LayerSink): boolean {
    return this.#prompt.has(sink) || this.#patient.has(sink)
  }

  /** What comes from now on goes to `sink`, too. */
  add(sink: LayerSink): void {
    this.settle()
    const isPatient = this.#queue !== undefined && sink.onPackets !== undefined
    if (isPatient) this.#patient.add(sink)
    else this.#prompt.add(sink)
  }

  /** `sink` gets what has come so far, and nothing any more; false if it is none of them. */
  remove(sink: LayerSink): boolean {
    if (this.#prompt.remove(sink)) return true
    this.settle()
    return this.#patient.remove(sink)
  }

  /** A packet of `length` bytes is about to be stored: makes sure that it pushes nothing out of the history that waits. */
  makeRoom(extSeq: number, length: number): void {
    if (this.#waiting === 0) return
    const isFar = Math.abs(extSeq - (this.#extSeqs[0] as number)) > this.#maxSpan
    if (isFar || this.#waitingBytes + length > this.#maxBytes) this.settle()
  }

  /** The packet has arrived and is stored. */
  take(packet: StoredPacket, nowMs: number): void {
    this.#newestMs = nowMs
    // Whoever becomes a patient sink while the prompt ones are being fed must not get it any more.
    if (this.#patient.count > 0) this.#keep(packet)
    if (this.#prompt.count > 0) this.#prompt.feed([packet], 1, this.#layer, nowMs, undefined)
    if (this.#waiting >= this.#maxWaiting) this.settle()
  }

  /** Hands over what waits, without waiting for the end of the turn. */
  settle(): void {
    this.flush(this.#newestMs)
  }

  flush(nowMs: number): void {
    const count = this.#waiting
    // What arrives while sinks are being fed waits for the next time.
    if (count === 0 || this.#patient.feeding) return
    const { history } = this.#layer
    const packets = this.#packets
    let kept = 0
    for (let i = 0; i < count; i++) {
      const packet = history.get(this.#extSeqs[i] as number)
      if (packet !== undefined) packets[kept++] = packet
    }
    this.#waiting = 0
    this.#waitingBytes = 0
    if (kept > 0) this.#patient.feed(packets, kept, this.#layer, nowMs, this.#queue?.nowMs)
  }

  #keep(packet: StoredPacket): void {
    if (this.#waiting === 0) this.#queue?.add(this)
    this.#extSeqs[this.#waiting++] = packet.extSeq
    this.#waitingBytes += packet.length
  }
}
