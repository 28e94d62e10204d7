/**
 * A cluster of simulated nodes and viewers: real placement, real directory in memory, virtual time. Nodes know of each other what their heartbeats said, seconds ago; a viewer
 * knows some node's address, is redirected, and tries again where nobody answers.
 */
import { memoryDirectory } from '../../../src/cluster/directory/memory-directory.js'
import { ArrivalMeter } from '../../../src/cluster/placement/arrival-meter.js'
import { placeViewer } from '../../../src/cluster/placement/place-viewer.js'
import { resolvePolicy } from '../../../src/cluster/placement/placing.js'
import { relayParent } from '../../../src/cluster/placement/relay-parent.js'
import type { BroadcastRecord, Directory, NodeRecord, OriginLease } from '../../../src/cluster/types.js'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { EventQueue } from './event-queue.js'

/** What is simulated. */
export interface PlacementScene {
  readonly seed: number
  /** How many nodes there are in each region. */
  readonly regions: Readonly<Record<string, number>>
  readonly capacity: number
  readonly viewers: number
  readonly broadcasts: number
  /** Viewers per second while they arrive. */
  readonly arrivalsPerSecond: number
  /** To how many nodes viewers come first, as far as there are so many; by default to all. */
  readonly entryNodes?: number
  /** Which share of the nodes dies when all have arrived. */
  readonly failing: number
}

const TTL_MS = 5000
const BEAT_MS = TTL_MS / 3
/** Nodes that read the directory within so short a time read the same. Each of them counts. */
const SAME_READING_MS = 50
/** From a redirect to the request at the other node. */
const REDIRECT_MS = 100

interface SimNode {
  readonly nodeId: string
  readonly url: string
  readonly region: string
  viewers: number
  alive: boolean
  /** What it has read last. */
  nodes: readonly NodeRecord[]
  readonly arrivals: ArrivalMeter
  /** How many watch each broadcast here. */
  readonly watched: Map<number, number>
  readonly leases: OriginLease[]
  /** Who watches here, to be told when the node dies. */
  readonly audience: Viewer[]
}

interface Viewer {
  readonly broadcast: number
  readonly region: string
  tried: readonly string[]
  waitingSinceMs: number
}

type SimEvent =
  | { readonly kind: 'beat'; readonly node: SimNode }
  /** A viewer comes to a node, or to any; behind a first one, the next one comes. */
  | { readonly kind: 'knock'; readonly viewer: Viewer; readonly node: SimNode | undefined; readonly next?: number }
  | { readonly kind: 'failure' }

/** How evenly the load is spread over the nodes that are alive. */
export interface Spread {
  readonly mean: number
  readonly max: number
  readonly maxToMean: number
}

/** What came of it. */
export interface PlacementFigures {
  readonly placed: number
  readonly unplaced: number
  readonly redirectsPerViewer: number
  readonly refusals: number
  readonly deadNodesKnocked: number
  readonly relays: number
  readonly spread: Spread
  readonly spreadBeforeFailure: Spread
  readonly byRegion: Readonly<Record<string, Spread>>
  /** The largest share of its capacity that any node had in use at any time. */
  readonly peakLoad: number
  readonly longestWaitMs: number
  readonly opsPerSecond: Readonly<Record<string, number>>
  readonly opsPerSecondTotal: number
  /** The tree of the first broadcast: as nodes chose their parents when they began to carry it, and as they would choose now. */
  readonly tree: { readonly mostChildrenAtStart: number; readonly mostChildren: number; readonly depth: number }
}

/** Runs a scene to its end. */
export async function runPlacement(scene: PlacementScene): Promise<PlacementFigures> {
  const world = new World(scene)
  await world.run()
  return world.figures()
}

class World {
  readonly #scene: PlacementScene
  readonly #random: SeededRandom
  readonly #clock = new VirtualClock()
  readonly #directory: Directory
  readonly #events = new EventQueue<SimEvent>()
  readonly #nodes: SimNode[] = []
  readonly #byId = new Map<string, SimNode>()
  readonly #entries: SimNode[]
  readonly #entriesByRegion = new Map<string, SimNode[]>()
  readonly #readings = new Map<string, { readonly atMs: number; readonly value: unknown }>()
  readonly #ops: Record<string, number> = { beat: 0, nodes: 0, claim: 0, renew: 0, carry: 0, broadcast: 0 }
  readonly #parentsAtStart = new Map<string, number>()
  #placed = 0
  #redirects = 0
  #refusals = 0
  #deadKnocks = 0
  #peakLoad = 0
  #longestWaitMs = 0
  #before: Spread | undefined
  #record: BroadcastRecord = { origins: [], carriers: [] }

  constructor(scene: PlacementScene) {
    this.#scene = scene
    this.#random = new SeededRandom(scene.seed)
    this.#directory = memoryDirectory({ clock: this.#clock })
    for (const [region, count] of Object.entries(scene.regions)) {
      for (let index = 0; index < count; index++) this.#addNode(`${region}-${index}`, region)
    }
    const entries = this.#nodes.filter((_, index) => index % this.#step === 0)
    this.#entries = entries
    for (const node of entries) {
      this.#entriesByRegion.set(node.region, [...(this.#entriesByRegion.get(node.region) ?? []), node])
    }
  }

  get #step(): number {
    return Math.max(1, Math.floor(this.#nodes.length / (this.#scene.entryNodes ?? this.#nodes.length)))
  }

  async run(): Promise<void> {
    const { viewers, arrivalsPerSecond, failing } = this.#scene
    for (const node of this.#nodes) await this.#directory.beat(this.#describe(node), TTL_MS)
    for (const node of this.#nodes) {
      node.nodes = await this.#read('nodes', () => this.#directory.nodes())
      this.#events.push(this.#random.next() * BEAT_MS, { kind: 'beat', node })
    }
    await this.#claimOrigins()
    this.#arrive(0)
    const arrivedMs = (viewers / arrivalsPerSecond) * 1000
    if (failing > 0) this.#events.push(arrivedMs + 2 * TTL_MS, { kind: 'failure' })
    const endMs = arrivedMs + 8 * TTL_MS
    for (let next = this.#events.pop(); next !== undefined && next.atMs <= endMs; next = this.#events.pop()) {
      this.#clock.advanceTo(next.atMs)
      await this.#handle(next.value)
    }
    this.#record = await this.#directory.broadcast('b0')
  }

  figures(): PlacementFigures {
    const seconds = this.#clock.nowMs() / 1000
    const alive = this.#nodes.filter((node) => node.alive)
    const byRegion: Record<string, Spread> = {}
    for (const region of Object.keys(this.#scene.regions)) {
      byRegion[region] = this.#spread(alive.filter((node) => node.region === region))
    }
    const opsPerSecond: Record<string, number> = {}
    for (const [name, count] of Object.entries(this.#ops)) opsPerSecond[name] = Math.round(count / seconds)
    const watching = alive.reduce((sum, node) => sum + node.viewers, 0)
    return {
      placed: watching,
      unplaced: this.#scene.viewers - watching,
      redirectsPerViewer: this.#redirects / this.#placed,
      refusals: this.#refusals,
      deadNodesKnocked: this.#deadKnocks,
      relays: alive.reduce((sum, node) => sum + node.watched.size, 0) - this.#scene.broadcasts,
      spread: this.#spread(alive),
      spreadBeforeFailure: this.#before ?? this.#spread(alive),
      byRegion,
      peakLoad: this.#peakLoad,
      longestWaitMs: this.#longestWaitMs,
      opsPerSecond,
      opsPerSecondTotal: Object.values(opsPerSecond).reduce((sum, rate) => sum + rate, 0),
      tree: this.#tree(alive),
    }
  }

  #addNode(nodeId: string, region: string): void {
    const node: SimNode = {
      nodeId,
      url: `http://${nodeId}`,
      region,
      viewers: 0,
      alive: true,
      nodes: [],
      arrivals: new ArrivalMeter(),
      watched: new Map(),
      leases: [],
      audience: [],
    }
    this.#nodes.push(node)
    this.#byId.set(nodeId, node)
  }

  async #claimOrigins(): Promise<void> {
    for (let broadcast = 0; broadcast < this.#scene.broadcasts; broadcast++) {
      const node = this.#pick(this.#nodes)
      const { nodeId, url } = node
      const key = { broadcast: `b${broadcast}`, publisher: 'main' }
      this.#count('claim')
      const result = await this.#directory.claim({ ...key, nodeId, url, ttlMs: TTL_MS, takeover: false })
      if (!result.won) throw new Error(`${key.broadcast} has an origin`)
      node.leases.push(result.lease)
      node.watched.set(broadcast, 0)
    }
  }

  async #handle(event: SimEvent): Promise<void> {
    if (event.kind === 'beat') return this.#beat(event.node)
    if (event.kind === 'failure') return this.#fail()
    if (event.next !== undefined) this.#arrive(event.next)
    return this.#knock(event.viewer, event.node ?? this.#entry(event.viewer))
  }

  /** What a node does three times within the time to live: heartbeat, nodes, leases, and its replicas. */
  async #beat(node: SimNode): Promise<void> {
    if (!node.alive) return
    this.#count('beat')
    await this.#directory.beat(this.#describe(node), TTL_MS)
    node.nodes = await this.#read('nodes', () => this.#directory.nodes())
    for (const lease of node.leases) {
      this.#count('renew')
      if (!(await this.#directory.renew(lease, TTL_MS))) throw new Error(`${node.nodeId} has lost a lease`)
    }
    for (const broadcast of node.watched.keys()) {
      this.#count('carry')
      await this.#directory.carry(node.nodeId, `b${broadcast}`, TTL_MS)
      // A replica looks for changes of its origins as often.
      this.#count('broadcast')
    }
    this.#events.push(this.#clock.nowMs() + BEAT_MS, { kind: 'beat', node })
  }

  /** One viewer comes after the other. */
  #arrive(index: number): void {
    const { viewers, arrivalsPerSecond, broadcasts } = this.#scene
    if (index === viewers) return
    const atMs = (index / arrivalsPerSecond) * 1000
    // Where a viewer comes from is as likely as the region is large.
    const { region } = this.#pick(this.#nodes)
    const broadcast = Math.floor(this.#random.next() * broadcasts)
    const viewer = { broadcast, region, tried: NOWHERE, waitingSinceMs: atMs }
    this.#events.push(atMs, { kind: 'knock', viewer, node: undefined, next: index + 1 })
  }

  async #knock(viewer: Viewer, node: SimNode): Promise<void> {
    const nowMs = this.#clock.nowMs()
    if (!node.alive) {
      this.#deadKnocks++
      return this.#tryAgain(viewer, 500)
    }
    const record = await this.#lookUp(node, viewer.broadcast)
    const placed = placeViewer({
      self: this.#describe(node),
      nodes: node.nodes,
      carriers: record.carriers,
      origins: record.origins,
      tried: viewer.tried,
      arrivals: node.arrivals.add(`b${viewer.broadcast}`, nowMs),
      policy: POLICY,
      random: () => this.#random.next(),
    })
    if (placed.kind === 'refuse') {
      this.#refusals++
      return this.#tryAgain(viewer, 2000)
    }
    if (placed.kind === 'redirect') {
      this.#redirects++
      viewer.tried = [...viewer.tried, node.nodeId]
      this.#events.push(nowMs + REDIRECT_MS, { kind: 'knock', viewer, node: this.#byId.get(placed.node.nodeId) })
      return
    }
    await this.#serve(viewer, node, record)
  }

  async #serve(viewer: Viewer, node: SimNode, record: BroadcastRecord): Promise<void> {
    const { broadcast } = viewer
    if (!node.watched.has(broadcast)) {
      this.#count('carry')
      await this.#directory.carry(node.nodeId, `b${broadcast}`, TTL_MS)
      if (broadcast === 0) this.#noteParent(node, record)
    }
    node.watched.set(broadcast, (node.watched.get(broadcast) ?? 0) + 1)
    node.viewers++
    node.audience.push(viewer)
    viewer.tried = NOWHERE
    this.#placed++
    this.#peakLoad = Math.max(this.#peakLoad, node.viewers / this.#scene.capacity)
    this.#longestWaitMs = Math.max(this.#longestWaitMs, this.#clock.nowMs() - viewer.waitingSinceMs)
  }

  /** Nodes that are the origin of nothing die; what becomes of publishers is another matter. */
  #fail(): void {
    this.#before = this.#spread(this.#nodes)
    const { failing } = this.#scene
    const candidates = this.#nodes.filter((node) => node.leases.length === 0 || this.#scene.broadcasts > 1)
    for (let count = Math.round(this.#nodes.length * failing); count > 0; count--) {
      const node = candidates.splice(Math.floor(this.#random.next() * candidates.length), 1)[0] as SimNode
      node.alive = false
      for (const viewer of node.audience.splice(0)) {
        viewer.waitingSinceMs = this.#clock.nowMs()
        this.#tryAgain(viewer, 2000)
      }
    }
  }

  /** Comes to some node of its region after up to so long. */
  #tryAgain(viewer: Viewer, withinMs: number): void {
    viewer.tried = NOWHERE
    const atMs = this.#clock.nowMs() + this.#random.next() * withinMs
    this.#events.push(atMs, { kind: 'knock', viewer, node: undefined })
  }

  #lookUp(node: SimNode, broadcast: number): Promise<BroadcastRecord> {
    const name = `b${broadcast}`
    // What is watched on the node is looked up by its beats.
    if (node.watched.has(broadcast)) this.#count('broadcast', -1)
    return this.#read('broadcast', () => this.#directory.broadcast(name), name)
  }

  async #read<T>(op: string, ask: () => Promise<T>, key = op): Promise<T> {
    this.#count(op)
    const nowMs = this.#clock.nowMs()
    const known = this.#readings.get(key)
    if (known !== undefined && nowMs - known.atMs < SAME_READING_MS) return known.value as T
    const value = await ask()
    this.#readings.set(key, { atMs: nowMs, value })
    return value
  }

  #noteParent(self: SimNode, { origins, carriers }: BroadcastRecord): void {
    const [origin] = origins
    if (origin === undefined || origin.nodeId === self.nodeId) return
    const parent = relayParent({ broadcast: 'b0', self: this.#describe(self), origin, nodes: self.nodes, carriers })
    if (parent) this.#parentsAtStart.set(parent.nodeId, (this.#parentsAtStart.get(parent.nodeId) ?? 0) + 1)
  }

  #tree(alive: readonly SimNode[]): PlacementFigures['tree'] {
    const { carriers, origins } = this.#record
    const [origin] = origins
    const children = new Map<string, number>()
    let depth = 0
    const nodes = alive.map((node) => this.#describe(node))
    for (const self of nodes) {
      if (origin === undefined || !carriers.includes(self.nodeId)) continue
      const parent = relayParent({ broadcast: 'b0', self, origin, nodes, carriers })
      if (parent === undefined) continue
      children.set(parent.nodeId, (children.get(parent.nodeId) ?? 0) + 1)
      depth = Math.max(depth, parent.depth)
    }
    const most = (counts: ReadonlyMap<string, number>): number => Math.max(0, ...counts.values())
    return { mostChildrenAtStart: most(this.#parentsAtStart), mostChildren: most(children), depth }
  }

  #spread(nodes: readonly SimNode[]): Spread {
    const loads = nodes.map((node) => node.viewers / this.#scene.capacity)
    const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length
    const max = Math.max(...loads)
    return { mean, max, maxToMean: max / mean }
  }

  #entry(viewer: Viewer): SimNode {
    return this.#pick(this.#entriesByRegion.get(viewer.region) ?? this.#entries)
  }

  #pick(nodes: readonly SimNode[]): SimNode {
    return nodes[Math.floor(this.#random.next() * nodes.length)] as SimNode
  }

  #describe(node: SimNode): NodeRecord {
    const { nodeId, url, region, viewers } = node
    const { capacity } = this.#scene
    return { nodeId, url, region, capacity, viewers, utilization: 0, draining: false }
  }

  #count(op: string, by = 1): void {
    this.#ops[op] = (this.#ops[op] ?? 0) + by
  }
}

const POLICY = resolvePolicy({ mode: 'balance' })
const NOWHERE: readonly string[] = []
