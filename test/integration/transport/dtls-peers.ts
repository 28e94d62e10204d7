/** The parts of the DTLS tests: both of our roles, real werift peers, a lossy link with a seed, and virtual time. */

import { X509Certificate } from 'node:crypto'
import { CipherContext, DtlsClient, DtlsServer, HashAlgorithm, SignatureAlgorithm } from 'werift'
import { fingerprintOf } from '../../../src/transport/dtls/fingerprint.js'
import { createDtlsTransport, generateDtlsIdentity } from '../../../src/transport/dtls.js'
import { openNativeDtls } from '../../../src/transport/native/dtls/native-dtls.js'
import { loadKoffiLibrary } from '../../../src/transport/native/koffi-library.js'
import type {
  DtlsEnd,
  DtlsIdentity,
  DtlsOptions,
  SrtpKeyingMaterial,
  SrtpProfile,
} from '../../../src/transport/types.js'
import { SRTP_PROFILES } from '../../../src/transport/types.js'
import { systemTimers, type TimerHost } from '../../../src/util/clock.js'

export const alice: DtlsIdentity = await generateDtlsIdentity()
export const bob: DtlsIdentity = await generateDtlsIdentity()

/** Bob's certificate with a key that is not his. */
export const impostor: DtlsIdentity = { ...bob, privateKeyPem: (await generateDtlsIdentity()).privateKeyPem }

/** An identity with an RSA key, as old clients have. */
export async function generateRsaIdentity(): Promise<DtlsIdentity> {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey({
    hash: HashAlgorithm.sha256_4,
    signature: SignatureAlgorithm.rsa_1,
  })
  return {
    certificatePem: certPem,
    privateKeyPem: keyPem,
    fingerprint: fingerprintOf(new X509Certificate(certPem).raw),
  }
}

/** What makes our associations. */
type CreateDtls = typeof createDtlsTransport

function nativeDtls(): CreateDtls | undefined {
  try {
    const dtls = openNativeDtls(loadKoffiLibrary())
    return 'reason' in dtls ? undefined : (options, timers = systemTimers) => dtls.createDtls(options, timers)
  } catch {
    // koffi is optional.
    return undefined
  }
}

/** A pseudorandom number from 0 to 1, the same row for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Lets everything that is due run: promises, and what they put off to the next turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 25; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Timers that only run when told to. */
export class VirtualTimers implements TimerHost {
  nowMs = 0
  readonly #due = new Map<number, { atMs: number; fn: () => void }>()
  #next = 0

  get pending(): number {
    return this.#due.size
  }

  setTimer(delayMs: number, fn: () => void): () => void {
    const id = this.#next++
    this.#due.set(id, { atMs: this.nowMs + delayMs, fn })
    return () => this.#due.delete(id)
  }

  /** Goes to the next timer, runs it, and lets its consequences settle. False if there is none. */
  async step(): Promise<boolean> {
    const first = [...this.#due].sort(([, a], [, b]) => a.atMs - b.atMs)[0]
    if (first === undefined) return false
    this.#due.delete(first[0])
    this.nowMs = first[1].atMs
    first[1].fn()
    await settle()
    return true
  }
}

/** One of our associations and what it told its owner. */
export interface Side {
  readonly transport: ReturnType<typeof createDtlsTransport>
  readonly sent: Buffer[]
  readonly keys: SrtpKeyingMaterial[]
  readonly ends: { end: DtlsEnd; detail: string }[]
}

/** What happens to a datagram on its way: the copies that arrive, and how many turns later each does. */
export type LinkFate = (datagram: Buffer) => readonly { delayTurns: number; datagram: Buffer }[]

export const perfectLink: LinkFate = (datagram) => [{ delayTurns: 0, datagram }]

/** Drops, doubles and reorders with these probabilities. */
export function lossyLink(seed: number, loss: number, duplication: number, reordering: number): LinkFate {
  const random = seededRandom(seed)
  return (datagram) => {
    if (random() < loss) return []
    const delay = () => (random() < reordering ? 1 + Math.floor(random() * 6) : 0)
    const copies = [{ delayTurns: delay(), datagram }]
    if (random() < duplication) copies.push({ delayTurns: delay(), datagram })
    return copies
  }
}

/** Carries a datagram to `receive` through the link, never within the caller's turn. */
export function carry(link: LinkFate, datagram: Buffer, receive: (datagram: Buffer) => void): void {
  for (const copy of link(datagram)) {
    let left = copy.delayTurns
    const turn = () => {
      if (left-- > 0) setImmediate(turn)
      else receive(Buffer.from(copy.datagram))
    }
    setImmediate(turn)
  }
}

const PROFILE_IDS = { AEAD_AES_128_GCM: 7, AES_CM_128_HMAC_SHA1_80: 1 } as const

export interface WeriftPeer<S extends DtlsServer | DtlsClient = DtlsServer | DtlsClient> {
  readonly socket: S
  readonly side: Side
  /** What werift sent, as it left it. */
  readonly sent: Buffer[]
  /** Whether werift believes to be connected. */
  connected: boolean
  /** Ends werift's own retransmissions. */
  stop(): void
}

interface WeriftPeerOptions {
  identity?: DtlsIdentity
  profiles?: readonly SrtpProfile[]
  side?: Partial<DtlsOptions>
  link?: LinkFate
  extendedMasterSecret?: boolean
  certificateRequest?: boolean
  rsa?: boolean
}

/** Waits in real time, for werift's own timers. */
export async function until(condition: () => boolean, timeoutMs = 20_000): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  return condition()
}

/** The parts of the tests for one implementation of ours. */
function dtlsBy(createDtls: CreateDtls) {
  function createSide(role: 'client' | 'server', options: Partial<DtlsOptions> & { timers?: TimerHost } = {}): Side {
    const sent: Buffer[] = []
    const keys: SrtpKeyingMaterial[] = []
    const ends: Side['ends'] = []
    const transport = createDtls(
      {
        role,
        identity: alice,
        remoteFingerprints: [bob.fingerprint],
        srtpProfiles: SRTP_PROFILES,
        onConnected: (material) => keys.push(material),
        onEnd: (end, detail) => ends.push({ end, detail }),
        ...options,
        send: (datagram) => {
          sent.push(datagram)
          options.send?.(datagram)
        },
      },
      options.timers ?? systemTimers,
    )
    return { transport, sent, keys, ends }
  }

  /** Our two roles against each other, on virtual time. */
  function createPair(
    link: LinkFate = perfectLink,
    options: { client?: Partial<DtlsOptions>; server?: Partial<DtlsOptions> } = {},
  ): { server: Side; client: Side; timers: VirtualTimers } {
    const timers = new VirtualTimers()
    const server: Side = createSide('server', {
      timers,
      ...options.server,
      send: (datagram) => carry(link, datagram, (copy) => client.transport.receive(copy)),
    })
    const client: Side = createSide('client', {
      timers,
      identity: bob,
      remoteFingerprints: [alice.fingerprint],
      ...options.client,
      send: (datagram) => carry(link, datagram, (copy) => server.transport.receive(copy)),
    })
    return { server, client, timers }
  }

  /** A pair that is connected. */
  async function createConnectedPair(options: Parameters<typeof createPair>[1] = {}) {
    const pair = createPair(perfectLink, options)
    pair.server.transport.start()
    pair.client.transport.start()
    await settle()
    if (pair.server.keys.length !== 1 || pair.client.keys.length !== 1) throw new Error('the pair did not connect')
    return pair
  }

  function createWeriftPeer<S extends DtlsServer | DtlsClient>(
    role: 'client' | 'server',
    create: (options: ConstructorParameters<typeof DtlsServer>[0]) => S,
    options: WeriftPeerOptions,
  ): WeriftPeer<S> {
    const identity = options.identity ?? bob
    const link = options.link ?? perfectLink
    const sent: Buffer[] = []
    const transport: ConstructorParameters<typeof DtlsServer>[0]['transport'] = {
      type: 'memory',
      address: { address: '', family: '', port: 0 },
      closed: false,
      onData: () => {},
      send: async (datagram: Buffer) => {
        sent.push(datagram)
        carry(link, datagram, (copy) => side.transport.receive(copy))
      },
      close: async () => {},
    }
    const side = createSide(role, {
      ...options.side,
      send: (datagram) => carry(link, datagram, (copy) => transport.onData(copy, ['', 0])),
    })
    const socket = create({
      transport,
      cert: identity.certificatePem,
      key: identity.privateKeyPem,
      signatureHash: {
        hash: HashAlgorithm.sha256_4,
        signature: options.rsa ? SignatureAlgorithm.rsa_1 : SignatureAlgorithm.ecdsa_3,
      },
      srtpProfiles: (options.profiles ?? SRTP_PROFILES).map((profile) => PROFILE_IDS[profile]),
      extendedMasterSecret: options.extendedMasterSecret ?? true,
      certificateRequest: options.certificateRequest ?? true,
    })
    const peer: WeriftPeer<S> = {
      socket,
      side,
      sent,
      connected: false,
      stop: () => {
        socket.dtls.flight = 99
        side.transport.close()
      },
    }
    socket.onConnect.subscribe(() => {
      peer.connected = true
    })
    return peer
  }

  /** Our server against werift's client. */
  function againstWeriftClient(options: WeriftPeerOptions = {}): WeriftPeer<DtlsClient> & { begin(): void } {
    const peer = createWeriftPeer('server', (config) => new DtlsClient(config), options)
    return Object.assign(peer, {
      begin() {
        peer.side.transport.start()
        // werift rejects when its retransmissions are used up.
        peer.socket.connect().catch(() => {})
      },
    })
  }

  /** Our client against werift's server. */
  function againstWeriftServer(options: WeriftPeerOptions = {}): WeriftPeer<DtlsServer> & { begin(): void } {
    const peer = createWeriftPeer('client', (config) => new DtlsServer(config), options)
    return Object.assign(peer, { begin: () => peer.side.transport.start() })
  }

  return { createSide, createPair, createConnectedPair, againstWeriftClient, againstWeriftServer }
}

export type DtlsPeers = ReturnType<typeof dtlsBy>

const native = nativeDtls()

/** All that there are on this machine. `flights`: how many each side sends; a cookie costs one. */
export const implementations: readonly (DtlsPeers & { readonly by: string; readonly flights: number })[] = [
  { by: 'werift', flights: 3, ...dtlsBy(createDtlsTransport) },
  ...(native === undefined ? [] : [{ by: 'OpenSSL', flights: 2, ...dtlsBy(native) }]),
]
