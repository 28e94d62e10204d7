/** The one place of the command that knows the package `ws`, which is optional: WebSocket signaling on the port of the pages. */
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { BroadcastError } from '../errors.js'
import type { WebSocketSignaling } from '../signaling/index.js'

/** Where sockets are opened. */
const PATH = '/ws'
/** As `maxMessageBytes` of the signaling; larger messages do not even get into memory. */
const MAX_MESSAGE_BYTES = 65_536

type Ws = Pick<typeof import('ws'), 'WebSocketServer'>

/** What {@link acceptWebSockets} has opened. */
export interface AcceptedWebSockets {
  /** Ends the sessions of all sockets, says goodbye, and waits for nobody. */
  close(): Promise<void>
}

/**
 * Has `signaling` take the WebSockets that are opened at `/ws` of `server`; other upgrades are refused with 404. Rejects with `package-missing`.
 *
 * @param load in place of the package that is installed.
 */
export async function acceptWebSockets(
  server: Server,
  signaling: Pick<WebSocketSignaling, 'accept' | 'close'>,
  load: () => Promise<Ws> = () => import('ws'),
): Promise<AcceptedWebSockets> {
  const { WebSocketServer } = await load().catch((cause: unknown) => {
    throw new BroadcastError('package-missing', '--websocket needs the package ws: npm install ws', {
      cause,
      details: { package: 'ws' },
    })
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
  server.on('upgrade', (request, socket: Duplex, head) => {
    // Whoever goes away meanwhile is no error of ours.
    socket.on('error', () => {})
    if (request.url?.split('?')[0] !== PATH) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => signaling.accept(opened, request))
  })
  return {
    async close() {
      await signaling.close()
      // What has been said is on its way; a client that does not answer must not hold up the end.
      setImmediate(() => {
        for (const client of sockets.clients) client.terminate()
      })
    },
  }
}
