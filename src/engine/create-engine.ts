/** Makes the engine that the options ask for. */
import { availableParallelism } from 'node:os'
import type { EngineConfig } from './engine-config.js'
import { type DirectShardMaker, ShardedEngine } from './sharded-engine.js'
import type { Engine, EngineListener } from './types.js'

/**
 * @param workers how many worker threads; 0 runs the media in this thread, `auto` takes all cores but one.
 */
export function createEngine(workers: number | 'auto', config: EngineConfig, listener: EngineListener): Engine {
  if (workers === 0) return createLocalEngine(config, listener)
  const count = workers === 'auto' ? Math.max(1, availableParallelism() - 1) : workers
  return new ShardedEngine(
    count,
    async (index, shardListener) => {
      const { WorkerShard } = await import('./worker-shard.js')
      return WorkerShard.open({ index, config }, shardListener)
    },
    directShardMaker(config),
    listener,
  )
}

/** An engine that runs in this thread. */
function createLocalEngine(config: EngineConfig, listener: EngineListener): Engine {
  return new ShardedEngine(
    1,
    async (index, shardListener) => {
      // Loaded only here, so that an application with worker threads does not load the media code twice.
      const { Shard } = await import('./shard.js')
      return Shard.open({ index, config, listener: shardListener })
    },
    directShardMaker(config),
    listener,
  )
}

function directShardMaker(config: EngineConfig): DirectShardMaker {
  return async (index, onPeerState) => {
    const { DirectShard } = await import('./direct-shard.js')
    return new DirectShard({ index, config, onPeerState })
  }
}
