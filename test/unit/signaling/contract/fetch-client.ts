/** A client of a Fetch handler, for the contract: what it is refused with becomes an error with the code. */
import type { FetchHandler } from '../../../../src/signaling/index.js'

/** Sends a request; rejects with an error that has the `code` of the problem, unless the reply is a success. */
export async function send(handler: FetchHandler, path: string, init: RequestInit): Promise<Response> {
  const response = await handler(new Request(`http://localhost${path}`, init))
  if (response.ok) return response
  const text = await response.text()
  const { code } = JSON.parse(text) as { code: string }
  throw Object.assign(new Error(text), { code })
}

/** The header that shows a token. */
export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}
