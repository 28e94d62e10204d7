/** The clients of Redis behind one face: send a command, listen to a channel, and say whether that makes sense now. */
import { refuseOption } from '../../../util/options.js'
import type {
  IoRedisLike,
  NodeRedisClusterLike,
  NodeRedisLike,
  NodeRedisSubscriberLike,
  RedisLike,
} from './redis-like.js'

/** One client. */
export interface RedisFace {
  /** Whether a command would be sent at once. A client that is not ready would keep it, and send it whenever Redis is back. */
  readonly isReady: boolean
  /** Sends a command that is about `key`. */
  send(key: string, args: readonly string[]): Promise<unknown>
  /** Listens to a channel over a connection of its own. */
  listen(channel: string, listener: ChannelListener): RedisSubscription
}

/** Hears what comes over a channel, and what goes wrong with the connection. */
export interface ChannelListener {
  onMessage(message: string): void
  onError(error: unknown): void
}

/** A connection that listens. */
export interface RedisSubscription {
  /** Settles once the channel is listened to, or cannot be. The client then goes on after interruptions by itself. */
  readonly started: Promise<unknown>
  /** Ends the connection; idempotent. */
  close(): void
}

/**
 * The face of a client.
 *
 * @throws BroadcastError `option-invalid` if it is none that is known
 */
export function redisFace(client: RedisLike): RedisFace {
  const has = (name: string, type: string): boolean => typeof Reflect.get(client ?? {}, name) === type
  if (typeof client === 'object' && client !== null && has('duplicate', 'function')) {
    if (has('call', 'function') && has('status', 'string')) return ioRedisFace(client as IoRedisLike)
    if (has('sendCommand', 'function')) {
      // Looking at `masters` of anything else is harmless.
      return 'masters' in client
        ? nodeRedisClusterFace(client as NodeRedisClusterLike)
        : nodeRedisFace(client as NodeRedisLike)
    }
  }
  return refuseOption('client', 'a client of redis (5 or newer) or ioredis', client)
}

function ioRedisFace(client: IoRedisLike): RedisFace {
  return {
    get isReady() {
      // One that connects with its first command waits for that.
      return client.status === 'ready' || client.status === 'wait'
    },
    send: (_key, [command = '', ...args]) => client.call(command, ...args),
    listen(channel, { onMessage, onError }) {
      const subscriber = client.isCluster === true ? client.duplicate([], LISTENING) : client.duplicate(LISTENING)
      subscriber.on('error', onError)
      subscriber.on('message', (_channel, message) => onMessage(message))
      return { started: subscriber.subscribe(channel), close: () => subscriber.disconnect() }
    },
  }
}

/** A connection that listens waits for Redis, whatever the one that it is made from does. */
const LISTENING = { enableOfflineQueue: true, autoResubscribe: true }

function nodeRedisFace(client: NodeRedisLike): RedisFace {
  return {
    get isReady() {
      return client.isReady
    },
    send: (_key, args) => client.sendCommand(args),
    listen: (channel, listener) => nodeRedisSubscription(client.duplicate(), channel, listener),
  }
}

function nodeRedisClusterFace(client: NodeRedisClusterLike): RedisFace {
  return {
    get isReady() {
      return client.isReady ?? true
    },
    send: (key, args) => client.sendCommand(key, false, [...args]),
    listen: (channel, listener) => nodeRedisSubscription(client.duplicate(), channel, listener),
  }
}

function nodeRedisSubscription(
  subscriber: NodeRedisSubscriberLike,
  channel: string,
  { onMessage, onError }: ChannelListener,
): RedisSubscription {
  let closed = false
  // Without a listener, the client would throw what it has to say.
  subscriber.on('error', onError)
  const start = async (): Promise<void> => {
    await subscriber.connect()
    if (!closed) await subscriber.subscribe(channel, (message) => onMessage(message))
  }
  return {
    started: start(),
    close() {
      if (closed) return
      closed = true
      try {
        subscriber.destroy()
      } catch (error) {
        // It was not open.
        onError(error)
      }
    },
  }
}
