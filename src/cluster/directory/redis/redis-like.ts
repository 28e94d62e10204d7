/** What a directory needs of a Redis client, so that it takes the one which the application has: `redis` (node-redis 5 and 6) or `ioredis`. */

/** A connection that only listens, as `duplicate()` of node-redis makes it. */
export interface NodeRedisSubscriberLike {
  /** Connects; resolves when it may be used. */
  connect(): Promise<unknown>
  /** What goes wrong, so that it does not end the process. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Listens to a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Closes it at once. */
  destroy(): void
}

/** A client of the package `redis`: what `createClient()` returns. */
export interface NodeRedisLike {
  readonly isReady: boolean
  /** Sends a command; resolves with the reply. */
  sendCommand(args: readonly string[]): Promise<unknown>
  /** Another connection of the same kind, not yet connected. */
  duplicate(): NodeRedisSubscriberLike
}

/** A client of the package `redis` for Redis Cluster: what `createCluster()` returns. */
export interface NodeRedisClusterLike {
  readonly masters: readonly unknown[]
  readonly isReady?: boolean
  /** Sends a command to the node that has the key; resolves with the reply. */
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>
  /** Another connection of the same kind, not yet connected. */
  duplicate(): NodeRedisSubscriberLike
}

/** A connection that only listens, as `duplicate()` of ioredis makes it. */
export interface IoRedisSubscriberLike {
  /** What goes wrong, so that it does not end the process. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** What was published on a channel. */
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  /** Listens to channels. */
  subscribe(...channels: string[]): Promise<unknown>
  /** Closes it at once. */
  disconnect(): void
}

/** A client of the package `ioredis`: what `new Redis()` or `new Cluster()` makes. */
export interface IoRedisLike {
  readonly status: string
  readonly isCluster?: boolean
  /** Sends a command; resolves with the reply. */
  call(command: string, ...args: string[]): Promise<unknown>
  /** Takes options to override; of a cluster, nodes to start from and options. */
  duplicate(override?: object, clusterOverride?: object): IoRedisSubscriberLike
}

/** Any of the clients that a directory can stand on. */
export type RedisLike = NodeRedisLike | NodeRedisClusterLike | IoRedisLike
