/** What nodes have got through a directory and not given back, so that all of it can be given up when they leave. */
import type { OriginLease } from '../../types.js'

interface Held {
  readonly leases: Map<string, OriginLease>
  readonly broadcasts: Set<string>
}

/** Leases and carried broadcasts by node. */
export class Holdings {
  readonly #byNode = new Map<string, Held>()

  /** What a node holds. */
  of(nodeId: string): { readonly leases: readonly OriginLease[]; readonly broadcasts: readonly string[] } {
    const held = this.#byNode.get(nodeId)
    return { leases: [...(held?.leases.values() ?? [])], broadcasts: [...(held?.broadcasts ?? [])] }
  }

  addLease(lease: OriginLease): void {
    this.#held(lease.nodeId).leases.set(keyOf(lease), lease)
  }

  /** Forgets a lease, unless the node has a newer one of the same key. */
  removeLease(lease: OriginLease): void {
    const held = this.#byNode.get(lease.nodeId)
    if (held?.leases.get(keyOf(lease))?.token === lease.token) held.leases.delete(keyOf(lease))
    this.#forgetIfEmpty(lease.nodeId)
  }

  addBroadcast(nodeId: string, broadcast: string): void {
    this.#held(nodeId).broadcasts.add(broadcast)
  }

  removeBroadcast(nodeId: string, broadcast: string): void {
    this.#byNode.get(nodeId)?.broadcasts.delete(broadcast)
    this.#forgetIfEmpty(nodeId)
  }

  #held(nodeId: string): Held {
    const known = this.#byNode.get(nodeId)
    if (known !== undefined) return known
    const held: Held = { leases: new Map(), broadcasts: new Set() }
    this.#byNode.set(nodeId, held)
    return held
  }

  #forgetIfEmpty(nodeId: string): void {
    const held = this.#byNode.get(nodeId)
    if (held !== undefined && held.leases.size + held.broadcasts.size === 0) this.#byNode.delete(nodeId)
  }
}

function keyOf({ broadcast, publisher }: OriginLease): string {
  return JSON.stringify([broadcast, publisher])
}
