/** Writes what waits, one thing after the other, whatever time the disk takes for it. */
import type { ByteTarget } from './byte-target.js'
import type { Container, ContainerFactory } from './mediabunny.js'
import type { SegmentPlan, WriteOp } from './segment-plan.js'
import type { WriteQueue } from './write-queue.js'

/** The file that is being written. */
export interface OpenSegment {
  readonly plan: SegmentPlan
  readonly target: ByteTarget
  /** Of what was written. */
  durationMs: number
}

/** What a {@link SegmentWriter} tells. */
export interface SegmentWriterListener {
  onBegin(segment: OpenSegment): void
  /** It is complete, or was broken off by an error. */
  onEnd(segment: OpenSegment, complete: boolean): void
  /** Nothing is written any more. Told once. */
  onError(error: unknown): void
}

/** See the top of the file. */
export class SegmentWriter {
  readonly #queue: WriteQueue
  readonly #containers: ContainerFactory
  readonly #open: (plan: SegmentPlan) => Promise<ByteTarget>
  readonly #listener: SegmentWriterListener
  #segment: OpenSegment | undefined
  #container: Container | undefined
  #running: Promise<void> | undefined
  #failed = false

  constructor(
    queue: WriteQueue,
    containers: ContainerFactory,
    open: (plan: SegmentPlan) => Promise<ByteTarget>,
    listener: SegmentWriterListener,
  ) {
    this.#queue = queue
    this.#containers = containers
    this.#open = open
    this.#listener = listener
  }

  /** The file that is being written. */
  get segment(): OpenSegment | undefined {
    return this.#segment
  }

  /** Something waits. Resolves when all that waits now is written, or nothing is written any more; never rejects. */
  wake(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<void> {
    // Whoever wakes us may be about to add more.
    await Promise.resolve()
    try {
      while (this.#queue.length > 0) await this.#writeAll(this.#queue.take())
    } catch (error) {
      await this.#fail(error)
    }
  }

  async #writeAll(ops: readonly WriteOp[]): Promise<void> {
    for (const op of ops) {
      try {
        if (!this.#failed) await this.#write(op)
      } catch (error) {
        await this.#fail(error)
      } finally {
        this.#queue.written(op)
      }
    }
    if (!this.#failed) await this.#segment?.target.flush()
  }

  async #write(op: WriteOp): Promise<void> {
    if (op.op === 'begin') await this.#begin(op.plan)
    else if (op.op === 'end') await this.#end()
    else if (op.op === 'close-track') this.#container?.closeTrack(op.kind)
    else {
      await this.#container?.add(op.kind, op.data, op.keyframe, op.timeMs, op.durationMs)
      const segment = this.#segment
      if (segment !== undefined) segment.durationMs = Math.max(segment.durationMs, op.timeMs + op.durationMs)
    }
  }

  async #begin(plan: SegmentPlan): Promise<void> {
    const target = await this.#open(plan)
    this.#segment = { plan, target, durationMs: 0 }
    this.#container = await this.#containers(plan, target)
    this.#listener.onBegin(this.#segment)
  }

  async #end(): Promise<void> {
    const segment = this.#segment as OpenSegment
    await this.#container?.finish()
    await segment.target.close()
    this.#segment = undefined
    this.#container = undefined
    this.#listener.onEnd(segment, true)
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#failed) return
    this.#failed = true
    const segment = this.#segment
    this.#segment = undefined
    this.#container = undefined
    // What was written stays; that it cannot be completed is known already.
    await segment?.target.close().catch(() => {})
    if (segment !== undefined) this.#listener.onEnd(segment, false)
    this.#listener.onError(error)
  }
}
