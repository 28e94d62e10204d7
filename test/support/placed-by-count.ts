/** For tests that have to know which shard a peer goes to. */
import type { ShardApi } from '../../src/engine/shard-api.js'
import type { ShardLoad } from '../../src/engine/types.js'

const NO_LOAD: ShardLoad = {
  shard: 0,
  port: 0,
  datagramsIn: 0,
  datagramsOut: 0,
  eventLoopDelayMs: 0,
  activeMs: 0,
  idleMs: 0,
  heapUsedBytes: 0,
  heapLimitBytes: 0,
}

/** The same shard, which says nothing of its load: peers are placed by their number, whatever else the machine does. */
export function placedByCount<Shard extends Pick<ShardApi, 'load'>>(shard: Shard): Shard {
  return Object.assign(shard, { load: async () => NO_LOAD })
}
