/** Signaling over Socket.IO, or anything else with events and acknowledgements: what the tests beside this file are about. */
import { BroadcastError } from 'manycast'

const MAX_OFFER_BYTES = 65_536

/**
 * Serves one connected socket, which joins once: `io.on('connection', (socket) => socketSignaling(socket, sfu, { authorize }))`.
 *
 *     client                                                            server
 *     join { role, broadcast, sdp, token } -> { sdp } or { error }
 *     leave                                -> {}
 *                                                                       ended { reason }
 */
export function socketSignaling(socket, target, { authorize } = {}) {
  let joined = false
  let gone = false
  let session

  async function join({ role, broadcast, sdp, token }) {
    if (joined) throw new BroadcastError('request-invalid', 'this socket has joined already')
    if (typeof sdp !== 'string') throw new BroadcastError('request-invalid', 'there is no offer')
    if (Buffer.byteLength(sdp) > MAX_OFFER_BYTES)
      throw new BroadcastError('request-too-large', 'the offer is too large')
    joined = true
    const action = role === 'publisher' ? 'publish' : 'view'
    const context = { broadcast, ...(await grantFor({ action, broadcast, token })) }
    const answer = await target[action](sdp, context)
    session = answer.session
    session.subscribe((event) => {
      if (event.type === 'closed') socket.emit('ended', { reason: event.reason })
    })
    // Whoever has gone meanwhile will never end it.
    if (gone) await session.close('peer-closed')
    return { sdp: answer.sdp }
  }

  async function grantFor({ action, broadcast, token }) {
    if (!authorize) return {}
    const grant = await authorize({ action, broadcast, token, header: () => undefined })
    if (!grant) throw new BroadcastError('unauthorized', 'this token is not good for that')
    return grant.expiresAt === undefined ? grant : { ...grant, expiresAt: Number(grant.expiresAt) }
  }

  async function leave(reason) {
    gone = true
    await session?.close(reason)
    return {}
  }

  socket.on('join', (message, reply) => answerWith(reply, join(message ?? {})))
  socket.on('leave', (reply) => answerWith(reply, leave('closed')))
  socket.on('disconnect', () => leave('peer-closed'))
}

async function answerWith(reply, work) {
  try {
    reply(await work)
  } catch (error) {
    const { code, message } = BroadcastError.from(error)
    // What went wrong inside is for the log, not for the client.
    reply({ error: { code, message: code === 'internal-error' ? 'the server failed' : message } })
  }
}
