/** What a directory needs of a Redis client, so that it takes the one which the application has: `redis` (node-redis 5 and 6) or `ioredis`. */

/** A connection that only listens, as `duplicate()` of node-redis makes it. */
export interface NodeRedisSubscriberLike {
  connect(): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  destroy(): void
}

/** A client of the package `redis`: what `createClient()` returns. */
export interface NodeRedisLike {
  readonly isReady: boolean
  sendCommand(args: readonly string[]): Promise<unknown>
  duplicate(): NodeRedisSubscriberLike
}

/** A client of the package `redis` for Redis Cluster: what `createCluster()` returns. */
export interface NodeRedisClusterLike {
  readonly masters: readonly unknown[]
  readonly isReady?: boolean
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>
  duplicate(): NodeRedisSubscriberLike
}

/** A connection that only listens, as `duplicate()` of ioredis makes it. */
export interface IoRedisSubscriberLike {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  subscribe(...channels: string[]): Promise<unknown>
  disconnect(): void
}

/** A client of the package `ioredis`: what `new Redis()` or `new Cluster()` makes. */
export interface IoRedisLike {
  readonly status: string
  readonly isCluster?: boolean
  call(command: string, ...args: string[]): Promise<unknown>
  /** Takes options to override; of a cluster, nodes to start from and options. */
  duplicate(override?: object, clusterOverride?: object): IoRedisSubscriberLike
}

/** Any of the clients that a directory can stand on. */
export type RedisLike = NodeRedisLike | NodeRedisClusterLike | IoRedisLike
