/** What a directory needs of a Redis client, so that it takes the one which the application has: `redis` (node-redis 5 and 6) or `ioredis`. */

/** A connection that only listens, as `duplicate()` of node-redis makes it. */
export interface NodeRedisSubscriberLike {
  /** Opens the connection, and opens it again whenever it is lost. */
  connect(): Promise<unknown>
  /** Hears what goes wrong with the connection. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Listens to a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Ends the connection at once. */
  destroy(): void
}

/** A client of the package `redis`: what `createClient()` returns. */
export interface NodeRedisLike {
  /** Whether it is connected. */
  readonly isReady: boolean
  /** Sends a command and resolves with its reply. */
  sendCommand(args: readonly string[]): Promise<unknown>
  /** Another client for the same Redis, not connected yet. */
  duplicate(): NodeRedisSubscriberLike
}

/** A client of the package `redis` for Redis Cluster: what `createCluster()` returns. */
export interface NodeRedisClusterLike {
  /** What tells it from a client of a single Redis. */
  readonly masters: readonly unknown[]
  /** Whether it is connected, where it says so. */
  readonly isReady?: boolean
  /** Sends a command to the node that has the key, and resolves with its reply. */
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>
  /** Another client for the same Redis, not connected yet. */
  duplicate(): NodeRedisSubscriberLike
}

/** A connection that only listens, as `duplicate()` of ioredis makes it. */
export interface IoRedisSubscriberLike {
  /** Hears what goes wrong with the connection. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Hears what comes over the channels. */
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  /** Listens to channels. */
  subscribe(...channels: string[]): Promise<unknown>
  /** Ends the connection at once. */
  disconnect(): void
}

/** A client of the package `ioredis`: what `new Redis()` or `new Cluster()` makes. */
export interface IoRedisLike {
  /** `ready` when it is connected. */
  readonly status: string
  /** Whether it is one of a Redis Cluster. */
  readonly isCluster?: boolean
  /** Sends a command and resolves with its reply. */
  call(command: string, ...args: string[]): Promise<unknown>
  /** Takes options to override; of a cluster, nodes to start from and options. */
  duplicate(override?: object, clusterOverride?: object): IoRedisSubscriberLike
}

/** Any of the clients that a directory can stand on. */
export type RedisLike = NodeRedisLike | NodeRedisClusterLike | IoRedisLike
