/** Says again and again that this node is alive, and knows which others are. */
import type { Deadline, DeadlineQueue } from '../util/scheduler.js'
import type { DirectoryLink } from './directory-link.js'
import { loadOf } from './placement/node-view.js'
import type { NodeRecord } from './types.js'

/** What a {@link Roster} is made with. */
export interface RosterOptions {
  readonly link: DirectoryLink
  readonly scheduler: DeadlineQueue
  readonly ttlMs: number
  /** This node as it is now. */
  describe(): NodeRecord
}

/** Heartbeats, and the list of nodes as it was at the last one. */
export class Roster {
  readonly #options: RosterOptions
  #nodes: readonly NodeRecord[] = []
  #known: readonly NodeRecord[] = []
  #next: Deadline | undefined
  #beating: Promise<void> | undefined
  #again = false
  #stopped = false

  constructor(options: RosterOptions) {
    this.#options = options
  }

  /** The nodes that are alive; none while the directory is away. The same list until it is read again. */
  get nodes(): readonly NodeRecord[] {
    return this.#nodes
  }

  /** This node as it is now. */
  get self(): NodeRecord {
    return this.#options.describe()
  }

  /** So many other nodes, the ones that clients do best to try first: of this region, with the least to do. The last ones known while the directory is away. */
  others(count: number): readonly NodeRecord[] {
    const { nodeId, region } = this.self
    const isNear = (node: NodeRecord): number => (node.region === region ? 0 : 1)
    return this.#known
      .filter((node) => node.nodeId !== nodeId && !node.draining && loadOf(node) < 1)
      .sort((a, b) => isNear(a) - isNear(b) || loadOf(a) - loadOf(b))
      .slice(0, count)
  }

  /** Beats now, and then three times within the time that a heartbeat holds. Resolves when that is done, whether the directory was there or not. */
  async beat(): Promise<void> {
    if (this.#stopped) return
    // One at a time: of two that overtake each other, the older one would have the last word.
    if (this.#beating) this.#again = true
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined
      if (this.#again) void this.beat()
      this.#again = false
    })
    await this.#beating
  }

  /** Beats no more. Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#next?.cancel()
    await this.#beating
  }

  async #beat(): Promise<void> {
    const { link, scheduler, ttlMs } = this.#options
    this.#next?.cancel()
    try {
      await link.ask((directory) => directory.beat(this.self, ttlMs))
      this.#nodes = await link.ask((directory) => directory.nodes())
      this.#known = this.#nodes
    } catch {
      this.#nodes = []
    }
    if (!this.#stopped) this.#next = scheduler.after(ttlMs / 3, () => void this.beat())
  }
}
