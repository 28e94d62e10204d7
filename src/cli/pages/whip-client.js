/**
 * A WHIP (RFC 9725) and WHEP client of a page: offer out, answer in, and a DELETE at the end.
 *
 * The offer goes out at once, without waiting for candidates: the server knows the way back from the first check.
 */
import { tokenHeaders } from './page.js'

/** The server refused; the message is for people. */
export class RefusedError extends Error {
  constructor(message, status, retryAfterMs) {
    super(message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** A session of `connection` at `endpoint`. Rejects with a RefusedError, or with what fetch rejects with. */
export async function openSession(connection, endpoint) {
  await connection.setLocalDescription()
  const { sdp } = connection.localDescription
  const response = await post(endpoint, sdp)
  const session = new WhipSession(connection, new URL(response.headers.get('location'), response.url))
  try {
    await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() })
  } catch (error) {
    session.close()
    throw error
  }
  return session
}

async function post(endpoint, sdp) {
  const headers = { 'content-type': 'application/sdp', ...tokenHeaders() }
  const response = await fetch(endpoint, { method: 'POST', headers, body: sdp })
  if (response.status === 201) return response
  throw new RefusedError(await reasonOf(response), response.status, retryAfterMs(response))
}

async function reasonOf(response) {
  try {
    const { detail } = await response.json()
    if (typeof detail === 'string') return detail
  } catch {
    // Something in between answered, a proxy perhaps, and it does not speak problem+json.
  }
  return `The server answered ${response.status} ${response.statusText}.`.replace(' .', '.')
}

function retryAfterMs(response) {
  const seconds = Number(response.headers.get('retry-after'))
  return seconds > 0 ? seconds * 1000 : undefined
}

/** An open session. It ends with the page, too. */
class WhipSession {
  #connection
  #url
  #onPageHide = () => this.close()

  constructor(connection, url) {
    this.#connection = connection
    this.#url = url
    addEventListener('pagehide', this.#onPageHide)
  }

  /** Ends it on the server, then here; idempotent. `keepalive` lets the request outlive the page. */
  close() {
    if (this.#url === undefined) return
    const url = this.#url
    this.#forget()
    // Here it ends last: the goodbye of the connection would overtake the request, which then found nothing to delete.
    const close = () => this.#connection.close()
    fetch(url, { method: 'DELETE', keepalive: true, headers: tokenHeaders() }).then(close, close)
  }

  /** Ends it here only, after the server has. */
  abandon() {
    this.#forget()
    this.#connection.close()
  }

  #forget() {
    this.#url = undefined
    removeEventListener('pagehide', this.#onPageHide)
  }
}

/** Calls `onEnd` once with 'failed' or 'ended' when the connection is lost, by timeout or because the server said goodbye. */
export function onConnectionEnd(connection, onEnd) {
  let told = false
  const tell = (how) => {
    if (told) return
    told = true
    onEnd(how)
  }
  const look = () => {
    if (connection.connectionState === 'failed') tell('failed')
    else if (connection.connectionState === 'closed') tell('ended')
  }
  connection.addEventListener('connectionstatechange', look)
  // A goodbye by DTLS closes only the transport; the connection as a whole does not count as closed by it.
  for (const { sender, receiver } of connection.getTransceivers()) {
    for (const transport of new Set([sender.transport, receiver.transport])) {
      transport?.addEventListener('statechange', () => {
        if (transport.state === 'closed') tell('ended')
        else if (transport.state === 'failed') tell('failed')
      })
    }
  }
}
