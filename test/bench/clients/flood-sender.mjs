/** Somebody who has no session, at many addresses of 127/8: STUN and DTLS as fast as is wanted, and what comes back is counted. */
import { randomBytes, randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { writeClientHello, writeUint16List } from '../../../dist/transport/dtls/hello.js'
import { writeRecord } from '../../../dist/transport/dtls/record.js'
import { writeUseSrtp } from '../../../dist/transport/dtls/srtp-keying.js'
import { integrityKey } from '../../../dist/transport/stun/stun-integrity.js'
import { STUN_CLASS } from '../../../dist/transport/stun/stun-types.js'
import { StunWriter } from '../../../dist/transport/stun/stun-writer.js'
import { SRTP_PROFILES } from '../../../dist/transport/types.js'
import { announceReady, answerRequests } from '../ipc.mjs'

const HANDSHAKE = 22
const CLIENT_HELLO = 1
/** How many datagrams of each kind there are; they are sent in turns. */
const VARIANTS = 64
/** Datagrams from one socket in a row. */
const RUN = 8

let sent = 0
let bytesSent = 0
let bytesBack = 0

/** A check: for a session that there is not, or for `username` with a password that is wrong. */
function check(username) {
  const buffer = Buffer.alloc(256)
  const writer = new StunWriter()
  writer.begin(buffer, 0, STUN_CLASS.request, randomBytes(12), 0)
  writer.username(username ?? `${randomBytes(6).toString('base64')}:peer`)
  writer.priority(0x6e7f_ffff)
  writer.role('controlling', 1n)
  writer.integrity(integrityKey(randomBytes(18).toString('base64')))
  writer.fingerprint()
  return Buffer.from(buffer.subarray(0, writer.finish()))
}

function clientHello() {
  const body = writeClientHello(randomBytes(32), 0xc02b, [
    [10, writeUint16List([29, 23])],
    [13, writeUint16List([0x0403])],
    [14, writeUseSrtp(SRTP_PROFILES)],
  ])
  const head = Buffer.alloc(12)
  head[0] = CLIENT_HELLO
  head.writeUIntBE(body.length, 1, 3)
  head.writeUIntBE(body.length, 9, 3)
  return writeRecord(HANDSHAKE, 0, 0, Buffer.concat([head, body]))
}

function openSocket(port) {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  socket.on('message', (datagram) => {
    bytesBack += datagram.length
  })
  const address = `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`
  return new Promise((resolve) =>
    socket.bind(0, address, () => socket.connect(port, '127.0.0.1', () => resolve(socket))),
  )
}

/**
 * Sends for so long; resolves with what was sent and what came back.
 *
 * @param {{ port: number, username: string, addresses: number, packetsPerSecond: number, seconds: number }} flood
 * `username` is that of checks to a live session, which somebody on the path may have read.
 */
async function flood({ port, username, addresses, packetsPerSecond, seconds }) {
  const sockets = await Promise.all(Array.from({ length: addresses }, () => openSocket(port)))
  const kinds = [() => check(), clientHello, () => check(username), clientHello]
  const datagrams = Array.from({ length: VARIANTS }, (_, i) => kinds[i % kinds.length]())
  sent = 0
  bytesSent = 0
  bytesBack = 0
  const startMs = performance.now()
  await new Promise((resolve) => {
    const turn = () => {
      const elapsedMs = performance.now() - startMs
      const due = (Math.min(elapsedMs, seconds * 1000) * packetsPerSecond) / 1000
      // What cannot be sent in time is not made up for: a flood that lags would come in bursts.
      const count = Math.min(due - sent, packetsPerSecond / 50)
      for (let i = 0; i < count; i++) {
        const datagram = datagrams[sent % VARIANTS]
        sockets[Math.floor(sent / RUN) % addresses].send(datagram)
        sent++
        bytesSent += datagram.length
      }
      if (elapsedMs < seconds * 1000) setImmediate(turn)
      else resolve()
    }
    turn()
  })
  const wallSeconds = (performance.now() - startMs) / 1000
  // Answers that are on their way.
  await new Promise((resolve) => setTimeout(resolve, 500))
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.close(resolve))))
  return { sent, bytesSent, bytesBack, packetsPerSecond: sent / wallSeconds }
}

answerRequests({ flood })
process.once('SIGTERM', () => process.exit(0))
announceReady()
