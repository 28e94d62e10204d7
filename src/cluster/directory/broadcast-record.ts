/** How directories put together what they know of a broadcast. */
import type { BroadcastRecord, OriginLease } from '../types.js'

/** What is told of a broadcast, in an order that does not depend on who came first. */
export function broadcastRecord(origins: readonly OriginLease[], carriers: readonly string[]): BroadcastRecord {
  return {
    origins: [...origins].sort((a, b) => (a.publisher < b.publisher ? -1 : 1)),
    carriers: [...new Set([...carriers, ...origins.map(({ nodeId }) => nodeId)])].sort(),
  }
}
