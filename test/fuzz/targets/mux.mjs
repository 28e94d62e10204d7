/**
 * The shared port with three sessions behind it: one connected, one that waits for its first check, one that checks its peer by itself. A row
 * of datagrams from six addresses; what is sent to an address that has passed no check is never more than what came from it.
 */
import { PeerTransport } from '../../../dist/transport/peer-transport.js'
import { computeFingerprint, computeIntegrity, integrityKey } from '../../../dist/transport/stun/stun-integrity.js'
import { StunMessage } from '../../../dist/transport/stun/stun-message.js'
import { STUN_CLASS } from '../../../dist/transport/stun/stun-types.js'
import { StunWriter } from '../../../dist/transport/stun/stun-writer.js'
import { DatagramMux } from '../../../dist/transport/udp/datagram-mux.js'
import { createMuxCounters } from '../../../dist/transport/udp/mux-counters.js'
import { Scheduler } from '../../../dist/util/scheduler.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const ADDRESSES = [
  '192.0.2.1 5000',
  '192.0.2.1 5001',
  '192.0.2.2 5000',
  '203.0.113.9 9',
  '192.0.2.7 443',
  '198.51.100.1 65535',
]
const CANDIDATE = '203.0.113.9 9'
/** What a step does, in the upper bits: the datagram as it is, or signed again with the password of one of the sessions. */
const RESIGN = 0x08
const ADVANCE = 0xf8
const LOCALS = ['locaUFR1', 'locaUFR2', 'locaUFR3'].map((iceUfrag) => ({
  iceUfrag,
  icePwd: `password-of-24-${iceUfrag}`,
}))
const REMOTE = { iceUfrag: 'rUfr', icePwd: 'remote-password-of-24-ch' }
const KEYS = LOCALS.map(({ icePwd }) => integrityKey(icePwd))
const SRTP_KEYS = {
  profile: 'AEAD_AES_128_GCM',
  localKey: Buffer.alloc(16, 1),
  localSalt: Buffer.alloc(12, 2),
  remoteKey: Buffer.alloc(16, 3),
  remoteSalt: Buffer.alloc(12, 4),
}

class Time {
  #nowMs = 1000
  #timers = []
  nowMs() {
    return this.#nowMs
  }
  unixMs() {
    return this.#nowMs
  }
  setTimer(delayMs, fn) {
    const timer = { dueMs: this.#nowMs + delayMs, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  advance(ms) {
    const endMs = this.#nowMs + ms
    for (;;) {
      const next = this.#timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.fn()
    }
    this.#nowMs = endMs
  }
}

/** Counts what goes to addresses that nobody owns, i.e. that have passed no check at that moment. */
class Sender {
  buffer = Buffer.alloc(4096)
  bytesTo = new Map()
  reserve(length) {
    return length > 2000 ? -1 : 100
  }
  commit(_offset, length, { ip, port, owner }) {
    if (owner !== undefined) return
    const to = `${ip} ${port}`
    this.bytesTo.set(to, (this.bytesTo.get(to) ?? 0) + length)
  }
  commitPlain(offset, headerLength, sealedLength, extSeq, sealer, to) {
    if (sealer.seal(this.buffer, offset, headerLength, sealedLength, extSeq)) this.commit(offset, sealedLength, to)
  }
  seal() {}
  flush() {}
}

const IDENTITY = { certificatePem: '', privateKeyPem: '', fingerprint: { algorithm: 'sha-256', value: 'AA' } }

function createPeer(mux, clock, scheduler, local, candidates, ended) {
  const dtls = []
  const transport = new PeerTransport({
    mux,
    identity: IDENTITY,
    dtlsRole: 'server',
    local,
    remote: { ...REMOTE, candidates, fingerprints: [], iceLite: candidates.length > 0 },
    connectTimeoutMs: 15_000,
    consentTimeoutMs: 30_000,
    disconnectedAfterMs: 5000,
    clock,
    scheduler,
    handler: { onState: (state, reason) => state === 'closed' && ended.push(reason), onRtp() {}, onRtcp() {} },
    createDtls: (options) => {
      dtls.push(options)
      return { start() {}, receive() {}, close() {} }
    },
  })
  transport.start()
  return { transport, connect: () => dtls[0].onConnected(SRTP_KEYS) }
}

function check(local, fill = () => {}) {
  const buffer = Buffer.alloc(1200)
  const writer = new StunWriter()
  writer.begin(buffer, 0, STUN_CLASS.request, Buffer.alloc(12, 9), 0)
  writer.username(`${local.iceUfrag}:${REMOTE.iceUfrag}`)
  writer.priority(0x6e0001ff)
  writer.role('controlling', 7n)
  fill(writer)
  writer.integrity(integrityKey(local.icePwd))
  writer.fingerprint()
  return Buffer.from(buffer.subarray(0, writer.finish()))
}

const seeds = () => [
  writeSteps([
    [0, check(LOCALS[0], (writer) => writer.useCandidate())],
    [1, check(LOCALS[1])],
    [0, Buffer.from('8060000100000000000012ab0102030405060708090a0b0c0d0e0f1011121314', 'hex')],
    [0, Buffer.from(`16fefd000000000000000000ff${'00'.repeat(255)}`, 'hex')],
  ]),
  writeSteps([
    [2, check(LOCALS[1], (writer) => writer.useCandidate())],
    [ADVANCE, Buffer.alloc(2, 0x20)],
    [RESIGN | 3, check(LOCALS[0], (writer) => writer.useCandidate())],
    [0, Buffer.from('80c90001000012340102030405060708090a0b0c0d0e0f1011121314', 'hex')],
  ]),
]

const message = new StunMessage()

/** What a client with credentials of its own can send: the same attributes, with integrity and fingerprint that hold. */
function resigned(datagram) {
  if (!message.parse(datagram, 0, datagram.length) || message.integrityOffset < 0) return datagram
  const session = LOCALS.findIndex(({ iceUfrag }) => message.receiverUfrag === iceUfrag)
  const at = message.integrityOffset
  computeIntegrity(datagram, 0, at, KEYS[Math.max(0, session)]).copy(datagram, at + 4)
  const print = message.fingerprintOffset
  if (print >= 0) datagram.writeUInt32BE(computeFingerprint(datagram, 0, print), print + 4)
  return datagram
}

function run(input) {
  const time = new Time()
  const sender = new Sender()
  const counters = createMuxCounters()
  const mux = new DatagramMux(sender, counters, [4], time)
  const scheduler = new Scheduler(time, time)
  const ended = []
  const first = createPeer(mux, time, scheduler, LOCALS[0], [], ended)
  createPeer(mux, time, scheduler, LOCALS[1], [], ended)
  const candidate = {
    ip: '203.0.113.9',
    port: 9,
    family: 4,
    priority: 1,
    component: 1,
    protocol: 'udp',
    foundation: '1',
    type: 'host',
  }
  createPeer(mux, time, scheduler, LOCALS[2], [candidate], ended)
  const firstCheck = check(LOCALS[0], (writer) => writer.useCandidate())
  const bytesFrom = new Map([[ADDRESSES[0], firstCheck.length]])
  mux.receive(firstCheck, '192.0.2.1', 5000, 0)
  first.connect()
  for (const [what, data] of readSteps(input)) {
    if (what >= ADVANCE) {
      time.advance(data.length > 1 ? data.readUInt16BE(0) : 5)
      continue
    }
    const from = ADDRESSES[(what & 7) % ADDRESSES.length]
    const [ip, port] = from.split(' ')
    bytesFrom.set(from, (bytesFrom.get(from) ?? 0) + data.length)
    const datagram = Buffer.from(data)
    mux.receive((what & RESIGN) !== 0 ? resigned(datagram) : datagram, ip, Number(port), 0)
    for (const [to, bytes] of sender.bytesTo) {
      // Our own checks to the candidate of the third session are bounded by their number, see below.
      if (to === CANDIDATE) continue
      must(bytes <= (bytesFrom.get(to) ?? 0), `more is sent to ${to} than came from there`)
    }
  }
  must(counters.defects === 0, 'no datagram sets off a defect')
  must(!ended.includes('internal-error'), 'no session ends by an error of ours')
  must(mux.addressCount <= 3 * 8, 'addresses are bounded')
  must(mux.peerCount <= 3, 'no datagram makes a session')
  must((sender.bytesTo.get(CANDIDATE) ?? 0) < 20_000, 'checks to a candidate that is silent come to an end')
}

export const target = { seeds, mutate: mutateSteps, maxLength: 8000, run }
