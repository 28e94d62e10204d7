/** Clients of the adapters over HTTP, as the signaling contract wants them; requests go wherever `handle` takes them. */
import type { FetchHandler } from '../../src/signaling/index.js'
import type { ContractAdapter } from '../../src/testing/index.js'

/** Sends a request; rejects with an error that has the `code` of the problem, unless the reply is a success. */
async function send(handle: FetchHandler, url: string, init: RequestInit): Promise<Response> {
  const response = await handle(new Request(url, init))
  if (response.ok) return response
  const text = await response.text()
  const { code } = JSON.parse(text) as { code: string }
  throw Object.assign(new Error(text), { code })
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** Clients of a plain exchange at `origin`. */
export function plainExchangeClients(handle: FetchHandler, origin: string): ContractAdapter {
  return {
    async join({ offerSdp, token, signal }) {
      const init = { method: 'POST', body: offerSdp, headers: bearer(token), signal }
      const response = await send(handle, `${origin}/sdp`, init)
      return { answerSdp: await response.text() }
    },
  }
}

/** Clients of WHIP and WHEP at `origin`. */
export function whipWhepClients(handle: FetchHandler, origin: string): ContractAdapter {
  return {
    async join({ role, broadcast, offerSdp, token, signal }) {
      const url = `${origin}/${role === 'publisher' ? 'whip' : 'whep'}/${broadcast}`
      const headers = { 'content-type': 'application/sdp', ...bearer(token) }
      const opened = await send(handle, url, { method: 'POST', body: offerSdp, headers, signal })
      const session = `${origin}${opened.headers.get('location')}`
      let etag = opened.headers.get('etag') as string
      return {
        answerSdp: await opened.text(),
        async leave() {
          await send(handle, session, { method: 'DELETE', headers: bearer(token) })
        },
        async trickle(fragment) {
          const patch = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': etag, ...bearer(token) }
          const reply = await send(handle, session, { method: 'PATCH', body: fragment, headers: patch })
          etag = reply.headers.get('etag') ?? etag
          return reply.status === 200 ? reply.text() : undefined
        },
      }
    },
  }
}
