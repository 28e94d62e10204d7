/** Every adapter keeps the contract that applications test theirs with; here without a socket. */
import { describe, it } from 'vitest'
import { plainExchange, type WebSocketConnection, webSocketSignaling, whipWhep } from '../../../src/signaling/index.js'
import { signalingContract } from '../../../src/testing/index.js'
import { plainExchangeClients, whipWhepClients } from '../../support/http-contract.js'
import { WebSocketContractClient } from '../../support/websocket-contract.js'

const ORIGIN = 'http://localhost'

describe('plainExchange', () => {
  const contract = signalingContract(
    ({ target, authorize }) => plainExchangeClients(plainExchange(target, { authorize }), ORIGIN),
    // Its sessions end by themselves, and everybody joins the same broadcast.
    { without: ['broadcast-name', 'leave', 'trickle', 'ended'] },
  )
  for (const { name, run } of contract) it(name, run)
})

describe('whipWhep', () => {
  const contract = signalingContract(
    ({ target, authorize }) => whipWhepClients(whipWhep(target, { authorize }), ORIGIN),
    // The end of a session is told by server-sent events, which are WHEP's only and a request of their own.
    { without: ['ended'] },
  )
  for (const { name, run } of contract) it(name, run)
})

describe('webSocketSignaling', () => {
  const contract = signalingContract(({ target, authorize }) => {
    const signaling = webSocketSignaling(target, { authorize, resumeWithinMs: 0 })
    return {
      join(request) {
        let connection: WebSocketConnection | undefined
        const client = new WebSocketContractClient((text) => connection?.receive(text))
        const socket = {
          send: (text: string) => client.receive(text),
          close: (code: number, reason: string) => client.ended(code, reason),
        }
        const headers = request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }
        connection = signaling.accept(socket, { url: '/', headers })
        request.signal.addEventListener('abort', () => connection?.dropped(1006))
        return client.join(request)
      },
      close: () => signaling.close(),
    }
  })
  for (const { name, run } of contract) it(name, run)
})
