/** Makes the engine that the options ask for. */
import type { EngineConfig } from './engine-config.js'
import { type DirectShardMaker, ShardedEngine } from './sharded-engine.js'
import type { Engine, EngineListener } from './types.js'
import { usableCores } from './usable-cores.js'

/** More than this is not asked for, either; see `workers` of `SfuOptions`. */
const MAX_WORKERS = 256

/**
 * @param workers how many worker threads; 0 runs the media in this thread, `auto` takes {@link autoWorkers}.
 */
export function createEngine(workers: number | 'auto', config: EngineConfig, listener: EngineListener): Engine {
  if (workers === 0) return createLocalEngine(config, listener)
  const count = workers === 'auto' ? autoWorkers(usableCores()) : workers
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

/** The threads for so many cores: one core is left to the application, and parts of one carry none. */
export function autoWorkers(cores: number): number {
  return Math.min(MAX_WORKERS, Math.max(1, Math.floor(cores) - 1))
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
