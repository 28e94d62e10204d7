/** The adapters over HTTP keep the contract that applications test theirs with. */
import { describe, it } from 'vitest'
import { plainExchange, whipWhep } from '../../../../src/signaling/index.js'
import { signalingContract } from '../../../../src/testing/index.js'
import { bearer, send } from './fetch-client.js'

describe('plainExchange', () => {
  const contract = signalingContract(
    ({ target, authorize }) => {
      const handler = plainExchange(target, { authorize })
      return {
        async join({ offerSdp, token, signal }) {
          const response = await send(handler, '/sdp', {
            method: 'POST',
            body: offerSdp,
            headers: bearer(token),
            signal,
          })
          return { answerSdp: await response.text() }
        },
      }
    },
    // Its sessions end by themselves, and everybody joins the same broadcast.
    { without: ['broadcast-name', 'leave', 'trickle', 'ended'] },
  )
  for (const { name, run } of contract) it(name, run)
})

describe('whipWhep', () => {
  const contract = signalingContract(
    ({ target, authorize }) => {
      const handler = whipWhep(target, { authorize })
      return {
        async join({ role, broadcast, offerSdp, token, signal }) {
          const path = `/${role === 'publisher' ? 'whip' : 'whep'}/${broadcast}`
          const headers = { 'content-type': 'application/sdp', ...bearer(token) }
          const opened = await send(handler, path, { method: 'POST', body: offerSdp, headers, signal })
          const session = opened.headers.get('location') as string
          let etag = opened.headers.get('etag') as string
          return {
            answerSdp: await opened.text(),
            async leave() {
              await send(handler, session, { method: 'DELETE', headers: bearer(token) })
            },
            async trickle(fragment) {
              const patch = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': etag, ...bearer(token) }
              const reply = await send(handler, session, { method: 'PATCH', body: fragment, headers: patch })
              etag = reply.headers.get('etag') ?? etag
              return reply.status === 200 ? reply.text() : undefined
            },
          }
        },
      }
    },
    // The end of a session is told by server-sent events, which are WHEP's only and a request of their own.
    { without: ['ended'] },
  )
  for (const { name, run } of contract) it(name, run)
})
