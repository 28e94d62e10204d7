/** The nodes of a cluster, prepared for placement: by region, with the mean load, and ready to be drawn from by capacity. */
import type { NodeRecord } from '../types.js'

/** How much of a node is in use: the worse of its seats and its resources; 1 and more is full. */
export function loadOf(node: NodeRecord): number {
  return Math.max(node.capacity > 0 ? node.viewers / node.capacity : 1, node.utilization)
}

/** Nodes with room, to be drawn from at random, each as often as its capacity says. */
export class NodePool {
  readonly nodes: readonly NodeRecord[]
  /** Load of all of them together, 0 where there are none. */
  readonly meanLoad: number
  readonly #upTo: Float64Array

  constructor(nodes: readonly NodeRecord[]) {
    this.nodes = nodes
    this.#upTo = new Float64Array(nodes.length)
    let capacity = 0
    let used = 0
    for (const [index, node] of nodes.entries()) {
      capacity += node.capacity
      used += loadOf(node) * node.capacity
      this.#upTo[index] = capacity
    }
    this.meanLoad = capacity > 0 ? used / capacity : 0
  }

  /**
   * The less loaded of two nodes that are drawn. Loads are seconds old, and a thousand nodes see the same ones: taking the least loaded of all would send
   * everybody to the same node, while with two no node gets more than twice its share until it is heard of again.
   */
  pick(random: () => number, excluded: ReadonlySet<string>): NodeRecord | undefined {
    const first = this.#draw(random, excluded, undefined)
    if (first === undefined) return undefined
    const second = this.#draw(random, excluded, first)
    return second === undefined || loadOf(first) <= loadOf(second) ? first : second
  }

  #draw(random: () => number, excluded: ReadonlySet<string>, other: NodeRecord | undefined): NodeRecord | undefined {
    const fits = (node: NodeRecord | undefined): node is NodeRecord =>
      node !== undefined && node !== other && !excluded.has(node.nodeId)
    // Few are excluded, so a few draws find one; the search is for the last ones of a small pool.
    for (let attempt = 0; attempt < 4; attempt++) {
      const node = this.#at(random())
      if (fits(node)) return node
    }
    const left = this.nodes.filter(fits)
    return left[Math.floor(random() * left.length)]
  }

  #at(share: number): NodeRecord | undefined {
    const target = share * (this.#upTo.at(-1) ?? 0)
    let low = 0
    let high = this.#upTo.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#upTo[middle] as number) > target) high = middle
      else low = middle + 1
    }
    return this.nodes[low]
  }
}

/** What one reading of the directory's nodes comes to. */
export class NodeView {
  /** All nodes by their ids, those without room included. */
  readonly byId: ReadonlyMap<string, NodeRecord>
  /** Those with room, of all regions. */
  readonly open: NodePool
  readonly #openByRegion = new Map<string, NodePool>()
  readonly #meanByRegion = new Map<string, number>()

  private constructor(
    nodes: readonly NodeRecord[],
    readonly maxLoad: number,
  ) {
    this.byId = new Map(nodes.map((node) => [node.nodeId, node]))
    const open = nodes.filter((node) => this.hasRoom(node))
    this.open = new NodePool(open)
    for (const region of new Set(nodes.map((node) => node.region))) {
      const inRegion = (node: NodeRecord): boolean => node.region === region
      this.#openByRegion.set(region, new NodePool(open.filter(inRegion)))
      this.#meanByRegion.set(region, new NodePool(nodes.filter((node) => inRegion(node) && !node.draining)).meanLoad)
    }
  }

  /** The view of a list of nodes; computed once per list. */
  static of(nodes: readonly NodeRecord[], maxLoad: number): NodeView {
    const known = VIEWS.get(nodes)
    if (known?.maxLoad === maxLoad) return known
    const view = new NodeView(nodes, maxLoad)
    VIEWS.set(nodes, view)
    return view
  }

  /** Whether a node takes another session. */
  hasRoom(node: NodeRecord): boolean {
    return !node.draining && loadOf(node) < this.maxLoad
  }

  /** The nodes of a region that have room. */
  openIn(region: string): NodePool {
    return this.#openByRegion.get(region) ?? NO_NODES
  }

  /** The load of a region: of all its nodes that stay, those without room included. */
  meanLoad(region: string): number {
    return this.#meanByRegion.get(region) ?? 0
  }
}

const VIEWS = new WeakMap<readonly NodeRecord[], NodeView>()
const NO_NODES = new NodePool([])
