/** A mux on virtual time without a socket, and peers behind it: everything that tests of the transport share. */
import type { IceCredentials } from '../../../src/transport/ice/ice-types.js'
import type { JoinQueue } from '../../../src/transport/join-queue.js'
import { PeerTransport, type PeerTransportOptions } from '../../../src/transport/peer-transport.js'
import { integrityKey, verifyFingerprint, verifyIntegrity } from '../../../src/transport/stun/stun-integrity.js'
import { StunMessage } from '../../../src/transport/stun/stun-message.js'
import { STUN_CLASS } from '../../../src/transport/stun/stun-types.js'
import { StunWriter } from '../../../src/transport/stun/stun-writer.js'
import {
  type DtlsOptions,
  type MediaSender,
  type PacketSealer,
  type RemoteAddress,
  SRTP_REFUSED,
  type SrtpKeyingMaterial,
} from '../../../src/transport/types.js'
import { DatagramMux } from '../../../src/transport/udp/datagram-mux.js'
import { createMuxCounters } from '../../../src/transport/udp/mux-counters.js'
import type { Clock, TimerHost } from '../../../src/util/clock.js'
import { Scheduler } from '../../../src/util/scheduler.js'

/** Time that moves only when told to. */
export class VirtualTime implements Clock, TimerHost {
  #nowMs = 1000
  #timers: { dueMs: number; fn: () => void }[] = []

  nowMs(): number {
    return this.#nowMs
  }
  unixMs(): number {
    return this.#nowMs
  }
  setTimer(delayMs: number, fn: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const next = this.#timers.filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.fn()
    }
    this.#nowMs = endMs
  }
}

/** One datagram that was sent. */
export interface Sent {
  readonly bytes: Buffer
  readonly to: string
  readonly socket: number
}

/** Keeps what it is given. */
export class FakeSender implements MediaSender {
  readonly buffer = Buffer.alloc(65536)
  sent: Sent[] = []
  full = false
  /** What the last `reserve` asked for. */
  reserved = 0

  reserve(length: number): number {
    this.reserved = length
    return this.full || length > 60000 ? -1 : 100
  }
  commit(offset: number, length: number, remote: RemoteAddress): void {
    if (remote.stream) {
      remote.stream.send(this.buffer, offset, length)
      return
    }
    const bytes = Buffer.from(this.buffer.subarray(offset, offset + length))
    this.sent.push({ bytes, to: `${remote.ip} ${remote.port}`, socket: remote.socket })
  }
  commitPlain(
    offset: number,
    headerLength: number,
    sealedLength: number,
    extSeq: number,
    sealer: PacketSealer,
    remote: RemoteAddress,
  ): void {
    if (sealer.seal(this.buffer, offset, headerLength, sealedLength, extSeq)) this.commit(offset, sealedLength, remote)
  }
  seal(): void {}
  flush(): void {}
  /** What was sent since the last call. */
  take(): Sent[] {
    const { sent } = this
    this.sent = []
    return sent
  }
}

/** A DTLS association that does what the test says. */
export class FakeDtls {
  started = 0
  closed = 0
  received: Buffer[] = []
  constructor(readonly options: DtlsOptions) {}
  start(): void {
    this.started++
  }
  receive(datagram: Buffer): void {
    this.received.push(datagram)
  }
  close(): void {
    this.closed++
    if (this.closed === 1) this.options.send(Buffer.from('close_notify'))
  }
}

export const FAKE_KEYS: SrtpKeyingMaterial = {
  profile: 'AEAD_AES_128_GCM',
  localKey: Buffer.alloc(16),
  localSalt: Buffer.alloc(12),
  remoteKey: Buffer.alloc(16),
  remoteSalt: Buffer.alloc(12),
}

/** The tag that the fake SRTP puts behind packets, so that tests can tell protected ones. */
export const FAKE_TAG = Buffer.from('TAG!')

function fakeProtect(buffer: Buffer, offset: number, length: number): number {
  FAKE_TAG.copy(buffer, offset + length)
  return length + FAKE_TAG.length
}

function fakeUnprotect(buffer: Buffer, start: number, end: number): number {
  const tag = buffer.toString('latin1', Math.max(start, end - 4), end)
  if (tag === 'REPL') return SRTP_REFUSED.replay
  return tag === FAKE_TAG.toString() ? end - 4 : SRTP_REFUSED.authentication
}

export const LOCAL: IceCredentials = { iceUfrag: 'locaUFR1', icePwd: 'local-password-of-24-chr' }
export const REMOTE: IceCredentials = { iceUfrag: 'rUfr', icePwd: 'remote-password-of-24-ch' }

/** What a test says about a check that it sends. */
export interface CheckOptions {
  username?: string | undefined
  password?: string | undefined
  role?: 'controlling' | 'controlled' | undefined
  useCandidate?: boolean
  priority?: boolean
  fingerprint?: boolean
  integrity?: boolean
  /** Puts an unknown attribute that must be understood into it. */
  unknownAttribute?: boolean
  transaction?: Buffer
}

let transactions = 0

/** A Binding request as a peer of {@link LOCAL} sends it, unless told otherwise. */
export function check(options: CheckOptions = {}): Buffer {
  const buffer = Buffer.alloc(1200)
  const transaction = options.transaction ?? Buffer.alloc(12)
  if (!options.transaction) transaction.writeUInt32BE(++transactions, 8)
  const writer = new StunWriter()
  writer.begin(buffer, 0, STUN_CLASS.request, transaction, 0)
  if (!('username' in options)) writer.username(`${LOCAL.iceUfrag}:${REMOTE.iceUfrag}`)
  else if (options.username !== undefined) writer.username(options.username)
  if (options.priority ?? true) writer.priority(0x6e0001ff)
  if (!('role' in options)) writer.role('controlling', 7n)
  else if (options.role !== undefined) writer.role(options.role, 7n)
  if (options.useCandidate) writer.useCandidate()
  // The nearest thing to an unknown attribute that the writer can write is patched afterwards, before the integrity.
  if (options.unknownAttribute) {
    const at = writer.finish()
    writer.useCandidate()
    buffer.writeUInt16BE(0x7abc, at)
  }
  if (options.integrity ?? true) writer.integrity(integrityKey(options.password ?? LOCAL.icePwd))
  if (options.fingerprint ?? true) writer.fingerprint()
  return Buffer.from(buffer.subarray(0, writer.finish()))
}

/** An answer to a check of ours. */
export function answer(
  request: Buffer,
  options: { password?: string; error?: number; integrity?: boolean } = {},
): Buffer {
  const buffer = Buffer.alloc(200)
  const writer = new StunWriter()
  writer.begin(buffer, 0, options.error ? STUN_CLASS.error : STUN_CLASS.success, request, 8)
  if (options.error) writer.errorCode(options.error)
  else writer.xorMappedAddress('192.0.2.99', 4, 4000)
  if (options.integrity ?? true) writer.integrity(integrityKey(options.password ?? REMOTE.icePwd))
  writer.fingerprint()
  return Buffer.from(buffer.subarray(0, writer.finish()))
}

/** Reads a STUN message that we sent and demands that its integrity and fingerprint hold. */
export function readStun(bytes: Buffer, password: string = LOCAL.icePwd): StunMessage {
  const message = new StunMessage()
  if (!message.parse(bytes, 0, bytes.length)) throw new Error('not a STUN message')
  if (!verifyIntegrity(message, integrityKey(password))) throw new Error('its integrity does not hold')
  if (!verifyFingerprint(message)) throw new Error('its fingerprint does not hold')
  return message
}

/** An RTP packet that the fake SRTP lets through. */
export function rtp(payload = 'media', tag = FAKE_TAG.toString()): Buffer {
  return Buffer.concat([Buffer.from('806000010000000000001234', 'hex'), Buffer.from(payload + tag)])
}

/** The same for RTCP: a receiver report. */
export function rtcp(tag = FAKE_TAG.toString()): Buffer {
  return Buffer.concat([Buffer.from('80c9000100001234', 'hex'), Buffer.from(tag)])
}

/** A datagram that looks like DTLS. */
export function dtlsRecord(): Buffer {
  return Buffer.concat([Buffer.from([22, 254, 253]), Buffer.alloc(40)])
}

/** A mux with one IPv4 and one IPv6 socket, and a TCP listener beside each. */
export function createWorld(createJoins?: (clock: Clock) => JoinQueue) {
  const time = new VirtualTime()
  const sender = new FakeSender()
  const counters = createMuxCounters()
  const mux = new DatagramMux(sender, counters, [4, 6, 4, 6], time, createJoins?.(time))
  const scheduler = new Scheduler(time, time)
  /** Lets a datagram arrive from `ip port`. */
  const arrive = (datagram: Buffer, from = '192.0.2.1 5000') => {
    const [ip = '', port] = from.split(' ')
    mux.receive(Buffer.from(datagram), ip, Number(port), ip.includes(':') ? 1 : 0)
  }
  return { time, sender, counters, mux, scheduler, arrive }
}

export type World = ReturnType<typeof createWorld>

/** A peer with fake DTLS and SRTP; `events` is what its handler heard. */
export function createPeer(world: World, overrides: Partial<PeerTransportOptions> = {}) {
  const events: string[] = []
  const dtls: FakeDtls[] = []
  const transport = new PeerTransport({
    mux: world.mux,
    identity: { certificatePem: '', privateKeyPem: '', fingerprint: { algorithm: 'sha-256', value: 'AA' } },
    dtlsRole: 'server',
    local: LOCAL,
    remote: { ...REMOTE, fingerprints: [] },
    connectTimeoutMs: 15_000,
    consentTimeoutMs: 30_000,
    disconnectedAfterMs: 5_000,
    clock: world.time,
    scheduler: world.scheduler,
    handler: {
      onState: (state, reason) => events.push(reason === undefined ? state : `${state} ${reason}`),
      onRtp: (buffer, start, end) => events.push(`rtp ${buffer.toString('latin1', start + 12, end)}`),
      onRtcp: (_buffer, start, end) => events.push(`rtcp ${end - start}`),
    },
    createDtls: (options) => {
      const fake = new FakeDtls(options)
      dtls.push(fake)
      return fake
    },
    createSrtpSender: () => ({
      rtpOverhead: 4,
      rtcpOverhead: 8,
      protectRtp: (buffer, offset, _headerLength, length) => fakeProtect(buffer, offset, length),
      protectRtcp: (buffer, offset, length) => fakeProtect(buffer, offset, length),
      close: () => {},
    }),
    createSrtpReceiver: () => ({
      unprotectRtp: (buffer, start, _headerLength, end) => fakeUnprotect(buffer, start, end),
      unprotectRtcp: (buffer, start, end) => fakeUnprotect(buffer, start, end),
      close: () => {},
    }),
    ...overrides,
  })
  const fakeDtls = (): FakeDtls => dtls[0] as FakeDtls
  return {
    transport,
    events,
    dtls: fakeDtls,
    /** What the handler heard since the last call. */
    heard: () => events.splice(0),
    /** Passes a check and completes the handshake. */
    connect: (from?: string) => {
      transport.start()
      world.arrive(check({ useCandidate: true }), from)
      fakeDtls().options.onConnected(FAKE_KEYS)
      world.sender.take()
    },
  }
}
