/** The server behind `manycast serve`: signaling, the list of broadcasts and the pages on one HTTP port. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Authorize,
  compose,
  nodeHttp,
  plainExchange,
  type SignalingHandler,
  type SignalingTarget,
  webSocketSignaling,
  whipWhep,
} from '../signaling/index.js'
import type { AccessArguments } from './access-arguments.js'
import { broadcastApi, type ListedBroadcast } from './broadcast-api.js'
import type { JoinedCluster } from './join-cluster.js'
import { pages } from './pages.js'
import { recordingsApi } from './recordings-api.js'
import { serveAuthorizer } from './serve-authorizer.js'
import { type AcceptedWebSockets, acceptWebSockets } from './web-socket-server.js'

/** What is served; an `Sfu`, or something like it in tests. */
export interface ServedSfu extends SignalingTarget {
  ready(): Promise<void>
  broadcasts(): readonly ListedBroadcast[]
  stats(): Promise<{ readonly shards: readonly { readonly port: number }[] }>
  close(): Promise<void>
}

/** Where the HTTP server listens, and who may do what. */
export interface ServeOptions {
  readonly port: number
  readonly host: string
  /** Whether the media ports take TCP as well as UDP; true by default. */
  readonly mediaTcp?: boolean
  readonly access?: AccessArguments
  /** How long a client may take for the head of a request, in milliseconds; default 10000. */
  readonly headersTimeoutMs?: number
  /** How many connections there may be at the same time; default 10000. Further ones are closed at once. */
  readonly maxConnections?: number
  /** The folder whose recordings are listed and played, and which broadcasts are being recorded. */
  readonly recordings?: { readonly dir: string; isRecording(name: string): boolean }
  /** Whether there is signaling over WebSockets at `/ws`; it needs the package `ws`. Default false. */
  readonly webSocket?: boolean
  /** What answers the dashboard's questions; without it there is no such page. */
  readonly dashboard?: SignalingHandler
  /** Makes the server a node of a cluster, given the function that decides who may do what. */
  readonly cluster?: ((authorize: Authorize | undefined) => Promise<JoinedCluster>) | undefined
  /** What else is served on the same port. */
  readonly handlers?: readonly SignalingHandler[]
}

/** A server that runs. */
export interface RunningServer {
  readonly host: string
  readonly port: number
  /** The ports that carry the media. */
  readonly mediaPorts: readonly number[]
  /** Whether they take TCP as well as UDP. */
  readonly mediaTcp: boolean
  /** Whether publishers need a key or a token. */
  readonly protectsPublishing: boolean
  /** Whether there is a dashboard. */
  readonly hasDashboard: boolean
  /** Says goodbye to every peer, then ends the HTTP server. Idempotent. */
  close(): Promise<void>
}

/** Opens the media port and the HTTP port. Rejects with a message for people; `sfu` is not closed then. */
export async function serve(sfu: ServedSfu, options: ServeOptions): Promise<RunningServer> {
  const {
    access = {},
    handlers = [],
    recordings,
    dashboard,
    headersTimeoutMs = 10_000,
    maxConnections = 10_000,
  } = options
  const shared = { authorize: await serveAuthorizer(access) }
  await sfu.ready()
  const isRecording = (name: string): boolean => recordings?.isRecording(name) ?? false
  const node = await options.cluster?.(shared.authorize)
  const signaling = [
    node?.handler ?? whipWhep(sfu, shared),
    plainExchange(node?.target ?? sfu, node ?? shared),
    broadcastApi(sfu, { ...shared, isRecording }),
  ]
  if (recordings !== undefined) signaling.push(recordingsApi(recordings.dir, shared))
  if (dashboard !== undefined) signaling.push(dashboard)
  const handler = compose(
    ...signaling,
    ...handlers,
    pages({ dashboard: dashboard !== undefined, elsewhere: node !== undefined }),
  )
  const listener = nodeHttp(handler, { trustProxy: access.trustProxy })
  const timeouts = { headersTimeout: headersTimeoutMs, requestTimeout: 3 * headersTimeoutMs }
  // Node looks for late ones every half a minute otherwise, whatever the timeouts are.
  const server = createServer({ ...timeouts, connectionsCheckingInterval: headersTimeoutMs / 2 }, listener)
  server.maxConnections = maxConnections
  let sockets: AcceptedWebSockets | undefined
  try {
    if (options.webSocket === true) {
      const { authorize } = node ?? shared
      const signaled = webSocketSignaling(node?.target ?? sfu, { authorize, trustProxy: access.trustProxy })
      sockets = await acceptWebSockets(server, signaled)
    }
    await listen(server, options)
  } catch (error) {
    await node?.close()
    throw error
  }
  const { shards } = await sfu.stats()
  let closing: Promise<void> | undefined
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    mediaPorts: shards.map((shard) => shard.port),
    mediaTcp: options.mediaTcp ?? true,
    protectsPublishing: shared.authorize !== undefined,
    hasDashboard: dashboard !== undefined,
    close() {
      closing ??= closeAll(server, sfu, node, sockets)
      return closing
    },
  }
}

function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(listenFailure(error, port, host))))
    server.listen(port, host, resolve)
  })
}

function listenFailure(error: NodeJS.ErrnoException, port: number, host: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another program; choose another one with --port`
    case 'EACCES':
      return `no permission to listen on port ${port}; choose one above 1023 with --port`
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}; see --host`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name ${host} is unknown; see --host`
    default:
      return `cannot listen on ${host} port ${port}: ${error.message}`
  }
}

async function closeAll(
  server: Server,
  sfu: ServedSfu,
  node: JoinedCluster | undefined,
  sockets: AcceptedWebSockets | undefined,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  await node?.close()
  await sockets?.close()
  await sfu.close()
  // Pages keep their connections open for the next poll; there is none.
  server.closeAllConnections()
  await closed
}
