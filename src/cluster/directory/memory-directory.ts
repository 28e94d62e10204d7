/** A directory in the memory of this process: for a node that is alone, and for several nodes in one process. */
import { type Clock, systemClock } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import type {
  BroadcastRecord,
  ClaimRequest,
  ClaimResult,
  Directory,
  NodeRecord,
  OriginLease,
  OriginsListener,
} from '../types.js'
import { broadcastRecord } from './broadcast-record.js'
import { checkNode, checkText, checkTtl, closedError } from './directory-checks.js'

const log = createLog('cluster')

/** Options of {@link memoryDirectory}. */
export interface MemoryDirectoryOptions {
  /** What leases and heartbeats run out by; by default the clock of this process. */
  readonly clock?: Clock | undefined
}

/**
 * A directory that lives in this process and needs nothing. Nodes that share it see each other; nothing of it outlives the process.
 *
 * @example
 * ```ts
 * const directory = memoryDirectory()
 * const a = cluster(sfuA, { directory, nodeUrl: 'http://127.0.0.1:3001' })
 * const b = cluster(sfuB, { directory, nodeUrl: 'http://127.0.0.1:3002' })
 * ```
 */
export function memoryDirectory(options: MemoryDirectoryOptions = {}): Directory {
  return new MemoryDirectory(options.clock ?? systemClock)
}

interface Expiring<T> {
  readonly value: T
  readonly untilMs: number
}

interface Entry {
  readonly leases: Map<string, Expiring<OriginLease>>
  /** When each carrier runs out. */
  readonly carriers: Map<string, number>
}

class MemoryDirectory implements Directory {
  readonly #clock: Clock
  readonly #nodes = new Map<string, Expiring<NodeRecord>>()
  readonly #broadcasts = new Map<string, Entry>()
  readonly #listeners = new Set<OriginsListener>()
  #lastToken = 0
  #writesUntilSweep = MIN_SWEEP_WRITES
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async beat(node: NodeRecord, ttlMs: number): Promise<void> {
    this.#assertOpen()
    this.#nodes.set(checkNode(node).nodeId, { value: { ...node }, untilMs: this.#nowMs + checkTtl(ttlMs) })
    this.#sweepSometimes()
  }

  async leave(nodeId: string): Promise<void> {
    this.#assertOpen()
    this.#nodes.delete(nodeId)
    for (const [name, { leases, carriers }] of this.#broadcasts) {
      carriers.delete(nodeId)
      const held = [...leases.values()].filter(({ value }) => value.nodeId === nodeId)
      for (const { value } of held) leases.delete(value.publisher)
      if (held.length > 0) this.#tell(name)
    }
    this.#sweep()
  }

  async nodes(): Promise<readonly NodeRecord[]> {
    this.#assertOpen()
    const nowMs = this.#nowMs
    return [...this.#nodes.values()].filter(({ untilMs }) => untilMs > nowMs).map(({ value }) => value)
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    this.#assertOpen()
    const { broadcast, publisher, nodeId, url } = request
    for (const [name, text] of Object.entries({ broadcast, publisher, nodeId, url })) checkText(name, text)
    const untilMs = this.#nowMs + checkTtl(request.ttlMs)
    const holder = this.#holder(broadcast, publisher)
    if (holder !== undefined && holder.nodeId !== nodeId && !request.takeover) return { won: false, holder }
    // Microseconds of the wall clock: larger than what a process before this one gave out.
    this.#lastToken = Math.max(this.#lastToken + 1, Math.floor(this.#clock.unixMs() * 1000))
    const lease: OriginLease = { broadcast, publisher, nodeId, url, token: this.#lastToken }
    this.#entry(broadcast).leases.set(publisher, { value: lease, untilMs })
    this.#tell(broadcast)
    this.#sweepSometimes()
    return { won: true, lease }
  }

  async renew(lease: OriginLease, ttlMs: number): Promise<boolean> {
    this.#assertOpen()
    const untilMs = this.#nowMs + checkTtl(ttlMs)
    if (this.#holder(lease.broadcast, lease.publisher)?.token !== lease.token) return false
    this.#entry(lease.broadcast).leases.set(lease.publisher, { value: { ...lease }, untilMs })
    return true
  }

  async release(lease: OriginLease): Promise<void> {
    this.#assertOpen()
    if (this.#holder(lease.broadcast, lease.publisher)?.token !== lease.token) return
    this.#broadcasts.get(lease.broadcast)?.leases.delete(lease.publisher)
    this.#tell(lease.broadcast)
  }

  async carry(nodeId: string, broadcast: string, ttlMs: number): Promise<void> {
    this.#assertOpen()
    checkText('nodeId', nodeId)
    this.#entry(checkText('broadcast', broadcast)).carriers.set(nodeId, this.#nowMs + checkTtl(ttlMs))
    this.#sweepSometimes()
  }

  async drop(nodeId: string, broadcast: string): Promise<void> {
    this.#assertOpen()
    this.#broadcasts.get(broadcast)?.carriers.delete(nodeId)
  }

  async broadcast(name: string): Promise<BroadcastRecord> {
    this.#assertOpen()
    const nowMs = this.#nowMs
    const entry = this.#broadcasts.get(name)
    if (entry === undefined) return { origins: [], carriers: [] }
    const origins = [...entry.leases.values()].filter(({ untilMs }) => untilMs > nowMs).map(({ value }) => value)
    const carriers = [...entry.carriers].filter(([, untilMs]) => untilMs > nowMs).map(([nodeId]) => nodeId)
    return broadcastRecord(origins, carriers)
  }

  watch(listener: OriginsListener): () => void {
    if (this.#closed) throw closedError()
    // The same function may watch twice.
    const own: OriginsListener = (broadcast) => listener(broadcast)
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#listeners.clear()
    this.#nodes.clear()
    this.#broadcasts.clear()
  }

  get #nowMs(): number {
    return this.#clock.nowMs()
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError()
  }

  #holder(broadcast: string, publisher: string): OriginLease | undefined {
    const held = this.#broadcasts.get(broadcast)?.leases.get(publisher)
    return held !== undefined && held.untilMs > this.#nowMs ? held.value : undefined
  }

  #entry(broadcast: string): Entry {
    const known = this.#broadcasts.get(broadcast)
    if (known !== undefined) return known
    const entry: Entry = { leases: new Map(), carriers: new Map() }
    this.#broadcasts.set(broadcast, entry)
    return entry
  }

  /** Not before the call that changed something has returned, as over a network. */
  #tell(broadcast: string): void {
    for (const listener of this.#listeners) {
      queueMicrotask(() => {
        if (!this.#listeners.has(listener)) return
        try {
          listener(broadcast)
        } catch (error) {
          log('a listener for origins threw: %O', error)
        }
      })
    }
  }

  /** Forgets what ran out, now and then: no timer of its own, and a cost per write that does not grow. */
  #sweepSometimes(): void {
    this.#writesUntilSweep--
    if (this.#writesUntilSweep <= 0) this.#sweep()
  }

  #sweep(): void {
    const nowMs = this.#nowMs
    let size = this.#nodes.size
    for (const [nodeId, { untilMs }] of this.#nodes) if (untilMs <= nowMs) this.#nodes.delete(nodeId)
    for (const [name, { leases, carriers }] of this.#broadcasts) {
      size += 1 + leases.size + carriers.size
      for (const [publisher, { untilMs }] of leases) if (untilMs <= nowMs) leases.delete(publisher)
      for (const [nodeId, untilMs] of carriers) if (untilMs <= nowMs) carriers.delete(nodeId)
      if (leases.size + carriers.size === 0) this.#broadcasts.delete(name)
    }
    this.#writesUntilSweep = Math.max(MIN_SWEEP_WRITES, size)
  }
}

const MIN_SWEEP_WRITES = 1000
