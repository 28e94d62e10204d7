/** A WebRTC peer on loopback, made of werift; loaded only when there is one to be made, as most tests of signaling need none. */
import type { RTCPeerConnection } from 'werift'

/**
 * Carries an offer to the server by whatever signaling there is, and resolves to the answer. Both are SDP text. What it rejects with, the
 * peer rejects with.
 */
export type OfferExchange = (offerSdp: string) => string | Promise<string>

/** How far a test's peer is: the words of `RTCPeerConnection.connectionState`. */
export type TestPeerState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed'

/** What test publishers and test viewers have in common. */
export interface TestPeer {
  /** The offer that was sent. */
  readonly offerSdp: string
  /** The answer that came back. */
  readonly answerSdp: string
  readonly state: TestPeerState
  /**
   * Resolves when the connection is over, because the server has ended it or `close` was called; at once if it is. Rejects if that does
   * not happen within `withinMs`, default 5000.
   */
  whenClosed(withinMs?: number): Promise<void>
  /** Falls silent without a goodbye from now on, as if its machine had lost the network; the server is left to find out. */
  vanish(): void
  /**
   * Closes the sockets; idempotent. The server hears no goodbye (werift sends no `close_notify`): a client that leaves says so by its
   * signaling, or is missed after `consentTimeoutMs`.
   */
  close(): Promise<void>
}

/** Options that all test peers share. */
export interface TestPeerOptions {
  /** How long the exchange, ICE and DTLS may take together, in milliseconds; default 5000. */
  readonly connectWithinMs?: number
}

/** Default of `connectWithinMs` and of everything that is waited for. */
export const DEFAULT_WAIT_MS = 5000

/** Makes a connection that knows VP8 and Opus and the loopback address, and nothing else. @internal */
export async function createPeerConnection(): Promise<RTCPeerConnection> {
  const { RTCPeerConnection, useOPUS, useVP8 } = await import('werift')
  return new RTCPeerConnection({
    iceServers: [],
    bundlePolicy: 'max-bundle',
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    codecs: { video: [useVP8()], audio: [useOPUS()] },
  })
}

/** Exchanges descriptions and resolves to the peer once ICE and DTLS are up. Closes the connection if that fails. @internal */
export async function connectPeer(
  connection: RTCPeerConnection,
  exchange: OfferExchange,
  options: TestPeerOptions,
): Promise<TestPeer> {
  try {
    await connection.setLocalDescription(await connection.createOffer())
    const offerSdp = connection.localDescription?.sdp ?? ''
    const connecting = connect(connection, exchange, offerSdp)
    const answerSdp = await within(connecting, options.connectWithinMs ?? DEFAULT_WAIT_MS, 'the peer was not connected')
    return new LoopbackPeer(connection, offerSdp, answerSdp)
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function connect(connection: RTCPeerConnection, exchange: OfferExchange, offerSdp: string): Promise<string> {
  const answerSdp: unknown = await exchange(offerSdp)
  if (typeof answerSdp !== 'string') throw new TypeError('the exchange has to resolve to the SDP text of the answer')
  await connection.setRemoteDescription({ type: 'answer', sdp: answerSdp })
  await whenState(connection, (state) => {
    if (isOver(state)) throw new Error(`the peer was not connected: it is ${state}`)
    return state === 'connected'
  })
  return answerSdp
}

class LoopbackPeer implements TestPeer {
  constructor(
    private readonly connection: RTCPeerConnection,
    readonly offerSdp: string,
    readonly answerSdp: string,
  ) {}

  get state(): TestPeerState {
    return stateOf(this.connection)
  }

  whenClosed(withinMs = DEFAULT_WAIT_MS): Promise<void> {
    return within(whenState(this.connection, isOver), withinMs, 'the connection did not end')
  }

  vanish(): void {
    for (const transport of this.connection.iceTransports) {
      for (const { protocol } of transport.connection.candidatePairs) {
        protocol.sendData = async () => {}
        protocol.sendStun = async () => {}
      }
    }
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}

function isOver(state: TestPeerState): boolean {
  return state === 'closed' || state === 'failed'
}

/** werift goes on calling a connection connected whose DTLS the server has ended. */
function stateOf(connection: RTCPeerConnection): TestPeerState {
  const hasEnded = connection.dtlsTransports.some(({ state }) => state === 'closed' || state === 'failed')
  return hasEnded && connection.connectionState !== 'failed' ? 'closed' : connection.connectionState
}

/** Resolves when `holds` says so of the connection's state; rejects with what it throws. */
function whenState(connection: RTCPeerConnection, holds: (state: TestPeerState) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscriptions: { unSubscribe(): void }[] = []
    const look = (): void => {
      try {
        if (!holds(stateOf(connection))) return
        resolve()
      } catch (error) {
        reject(error)
      }
      for (const { unSubscribe } of subscriptions) unSubscribe()
    }
    subscriptions.push(connection.connectionStateChange.subscribe(look))
    for (const { onStateChange } of connection.dtlsTransports) subscriptions.push(onStateChange.subscribe(look))
    look()
  })
}

/** What `promise` resolves to; rejects with `failure` if that takes longer than `withinMs`. */
async function within<Value>(promise: Promise<Value>, withinMs: number, failure: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${failure} within ${withinMs} ms`)), withinMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
