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
  /**
   * What a publisher has sent does not fit into the container, though it looked as if it would: this file is broken off, and what belongs to it is
   * left out. The target is not to blame.
   */
  onRefused(error: unknown): void
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
  /** The target of the present file has failed. */
  #targetFailed = false
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
        if (this.#targetFailed) await this.#fail(error)
        else await this.#breakOff(error)
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
    // Until there is a target, what fails is the way to one.
    this.#targetFailed = true
    const target = await this.#open(plan)
    this.#targetFailed = false
    this.#segment = { plan, target, durationMs: 0 }
    this.#container = await this.#containers(plan, this.#watched(target))
    this.#listener.onBegin(this.#segment)
  }

  /** Notes when `target` fails: its errors come back through the container, among those of the container itself. */
  #watched(target: ByteTarget): ByteTarget {
    return {
      name: target.name,
      appendsOnly: target.appendsOnly,
      bytes: 0,
      write: async (data, position) => {
        try {
          await target.write(data, position)
        } catch (error) {
          this.#targetFailed = true
          throw error
        }
      },
      flush: () => target.flush(),
      close: () => target.close(),
    }
  }

  async #end(): Promise<void> {
    const segment = this.#segment
    if (segment === undefined) return
    await this.#container?.finish()
    this.#targetFailed = true
    await segment.target.close()
    this.#targetFailed = false
    this.#segment = undefined
    this.#container = undefined
    this.#listener.onEnd(segment, true)
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#failed) return
    this.#failed = true
    await this.#abandon()
    this.#listener.onError(error)
  }

  async #breakOff(error: unknown): Promise<void> {
    await this.#abandon()
    this.#listener.onRefused(error)
  }

  /** What was written stays; that it cannot be completed is known already. */
  async #abandon(): Promise<void> {
    const segment = this.#segment
    this.#segment = undefined
    this.#container = undefined
    await segment?.target.close().catch(() => {})
    if (segment !== undefined) this.#listener.onEnd(segment, false)
  }
}
