/** What a signaling adapter is, seen from the contract: something that a client can join by. */
import type { SessionRole, SignalingTarget } from '../../broadcast/signaling-target.js'
import type { Authorize } from '../../signaling/authorization.js'

/** What the adapter is made with, anew for each case. */
export interface ContractSetup {
  /** What the adapter serves. */
  readonly target: SignalingTarget
  /** The hook that the adapter is to ask; undefined in cases that are not about it. */
  readonly authorize: Authorize | undefined
}

/** A client that wants to join. */
export interface ContractJoin {
  /** Whether it offers as a publisher or as a viewer. */
  readonly role: SessionRole
  /** The name of the broadcast. */
  readonly broadcast: string
  readonly offerSdp: string
  /** What it shows; undefined for nothing. */
  readonly token: string | undefined
  /** Aborted when the client goes away before it has its answer, as when a browser's tab is closed. */
  readonly signal: AbortSignal
}

/** A client that has joined. What it cannot do is left out, and named in `without`. */
export interface ContractClient {
  readonly answerSdp: string
  /** The client says goodbye; resolves once that was acknowledged. */
  leave?(): Promise<void>
  /** Sends an SDP fragment (RFC 8840); resolves to the server's own one after an ICE restart, and rejects like `join`. */
  trickle?(fragment: string): Promise<string | undefined>
  /** Resolves once the client was told that the server has ended its session. */
  ended?(): Promise<void>
}

/** An adapter and the clients that can talk to it, for one case. */
export interface ContractAdapter {
  /**
   * Lets a client join by the adapter's own protocol, from the first byte to the last. Rejects if it is refused, with an error whose `code` is the
   * code that the client was told (such as a `BroadcastError`), and whose `message` is everything else that it was told.
   */
  join(request: ContractJoin): Promise<ContractClient>
  /** Frees what the adapter has opened. */
  close?(): void | Promise<void>
}

/** Makes the adapter that is to be tested, anew for each case. */
export type CreateContractAdapter = (setup: ContractSetup) => ContractAdapter | Promise<ContractAdapter>

/** What not every adapter has. */
export type ContractFeature =
  /** The client names the broadcast that it wants. */
  | 'broadcast-name'
  /** The client is told the code of an error. */
  | 'error-code'
  /** A client can say that it leaves. */
  | 'leave'
  /** The adapter notices that a client goes away before it has its answer. */
  | 'abandon'
  /** Candidates can be trickled, and ICE restarted. */
  | 'trickle'
  /** The client is told that its session has ended. */
  | 'ended'
  /** The adapter asks an `authorize` hook. */
  | 'authorize'
  /** The adapter refuses what is too large. */
  | 'size-limit'

/** Options of {@link signalingContract}. */
export interface SignalingContractOptions {
  /** What the adapter does not have, on purpose; the cases about it are left out. Default nothing. */
  readonly without?: readonly ContractFeature[]
  /** The adapter's limit for offers, in bytes; one of half the size has to be taken, one four times as large refused. Default 65536. */
  readonly maxOfferBytes?: number
  /** How long the adapter may take for anything, in milliseconds; default 2000. */
  readonly withinMs?: number
}

/** One thing that an adapter must do, as a test. */
export interface ContractCase {
  /** A sentence about the adapter, for the test's name. */
  readonly name: string
  /** Makes an adapter, tries it, and closes it. Rejects with an `AssertionError` that says what is wrong. */
  readonly run: () => Promise<void>
}
