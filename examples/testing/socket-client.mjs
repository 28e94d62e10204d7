/** What the tests talk to the signaling with: a Socket.IO socket in memory, and a client at its other end. */
import { EventEmitter } from 'node:events'
import { socketSignaling } from './socket-signaling.mjs'

/** Connects a client; `join` and `leave` are what a browser would do. */
export function connect(target, options) {
  const socket = new EventEmitter()
  const ended = new Promise((resolve) => socket.once('ended', resolve))
  socketSignaling(socket, target, options)

  const request = (event, ...args) =>
    new Promise((resolve, reject) => {
      socket.emit(event, ...args, ({ error, ...result }) => {
        if (error) reject(Object.assign(new Error(error.message), error))
        else resolve(result)
      })
    })
  return {
    join: (message) => request('join', message),
    leave: () => request('leave'),
    disconnect: () => socket.emit('disconnect'),
    ended,
  }
}

/** The adapter and its client, as `signalingContract` wants them. */
export function contractAdapter({ target, authorize }) {
  return {
    async join({ role, broadcast, offerSdp, token, signal }) {
      const client = connect(target, { authorize })
      signal.addEventListener('abort', client.disconnect)
      const { sdp } = await client.join({ role, broadcast, sdp: offerSdp, token })
      return { answerSdp: sdp, leave: client.leave, ended: () => client.ended }
    },
  }
}

/** This protocol sends all candidates with the offer. */
export const CONTRACT_OPTIONS = { without: ['trickle'] }
