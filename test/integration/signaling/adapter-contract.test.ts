/** Every adapter keeps the contract over real sockets, too: node:http and fetch, and the WebSockets of `ws`. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  nodeHttp,
  plainExchange,
  type SignalingHandler,
  webSocketSignaling,
  whipWhep,
} from '../../../src/signaling/index.js'
import { type ContractAdapter, type ContractJoin, signalingContract } from '../../../src/testing/index.js'
import { plainExchangeClients, whipWhepClients } from '../../support/http-contract.js'
import { WebSocketContractClient } from '../../support/websocket-contract.js'

const SOON = { withinMs: 15_000 }

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** Clients of a handler behind node:http. */
async function overHttp(
  handler: SignalingHandler,
  clients: (handle: typeof fetch, origin: string) => ContractAdapter,
): Promise<ContractAdapter> {
  const server = createServer(nodeHttp(handler))
  const origin = `http://${await listen(server)}`
  return { ...clients(fetch, origin), close: () => close(server) }
}

describe('plainExchange in node:http', () => {
  const contract = signalingContract(
    ({ target, authorize }) => overHttp(plainExchange(target, { authorize }), plainExchangeClients),
    { ...SOON, without: ['broadcast-name', 'leave', 'trickle', 'ended'] },
  )
  for (const { name, run } of contract) it(name, run)
})

describe('whipWhep in node:http', () => {
  const contract = signalingContract(
    ({ target, authorize }) => overHttp(whipWhep(target, { authorize }), whipWhepClients),
    { ...SOON, without: ['ended'] },
  )
  for (const { name, run } of contract) it(name, run)
})

describe('webSocketSignaling with ws', () => {
  const contract = signalingContract(async ({ target, authorize }) => {
    const signaling = webSocketSignaling(target, { authorize, resumeWithinMs: 0 })
    const server = createServer()
    const sockets = new WebSocketServer({ server, maxPayload: 65_536 })
    sockets.on('connection', (socket, request) => signaling.accept(socket, request))
    const url = `ws://${await listen(server)}`
    return {
      join: (request) => joinOver(url, request),
      async close() {
        await signaling.close()
        await close(server)
      },
    }
  }, SOON)
  for (const { name, run } of contract) it(name, run)
})

async function joinOver(url: string, request: ContractJoin) {
  const headers = request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }
  const socket = new WebSocket(url, { headers })
  request.signal.addEventListener('abort', () => socket.terminate())
  const client = new WebSocketContractClient((text) => socket.send(text))
  socket.on('message', (data) => client.receive(String(data)))
  socket.on('close', (code, reason) => client.ended(code, String(reason)))
  await once(socket, 'open')
  return client.join(request)
}
