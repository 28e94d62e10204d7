/** One run of one case: a fake target, the adapter on it, and clients that join. */
import assert from 'node:assert/strict'
import type { SessionRole } from '../../broadcast/signaling-target.js'
import type { AuthorizationRequest, Authorize } from '../../signaling/authorization.js'
import { type FakeTarget, fakeTarget } from '../fake-target.js'
import { answerTo, offerOf } from './contract-descriptions.js'
import type {
  ContractAdapter,
  ContractClient,
  ContractJoin,
  CreateContractAdapter,
  SignalingContractOptions,
} from './contract-types.js'

/** A refusal as the client was told it. */
export interface Refusal {
  readonly code: unknown
  /** Everything that the client was told, in one text. */
  readonly text: string
}

type JoinOverrides = Partial<Omit<ContractJoin, 'role'>>

/** What a case works with. */
export class ContractScene {
  readonly target: FakeTarget = fakeTarget({
    answerSdp: ({ sdp }) => {
      this.answers++
      return answerTo(sdp)
    },
  })
  /** How often the target has opened a session and answered. */
  answers = 0
  /** What the hook was asked, in order. */
  readonly asked: AuthorizationRequest[] = []
  readonly maxOfferBytes: number
  readonly withinMs: number
  #adapter: ContractAdapter | undefined

  constructor({ maxOfferBytes = 65_536, withinMs = 2000 }: SignalingContractOptions) {
    this.maxOfferBytes = maxOfferBytes
    this.withinMs = withinMs
  }

  /** Makes the adapter, runs `use`, and closes the adapter whatever comes of it. */
  async run(
    createAdapter: CreateContractAdapter,
    hook: Authorize | undefined,
    use: () => Promise<void>,
  ): Promise<void> {
    const authorize: Authorize = (request) => {
      this.asked.push(request)
      return hook?.(request)
    }
    const adapter = await createAdapter({ target: this.target, authorize: hook && authorize })
    this.#adapter = adapter
    try {
      await use()
    } finally {
      await adapter.close?.()
    }
  }

  /** A client joins; a refusal fails the case. */
  readonly join = (role: SessionRole, overrides: JoinOverrides = {}): Promise<ContractClient> => {
    return this.within(this.#join(role, overrides), `the ${role} was not answered`)
  }

  /** A client tries to join, and nobody waits for what comes of it. */
  tryToJoin(role: SessionRole, overrides: JoinOverrides): void {
    this.#join(role, overrides).catch(() => {})
  }

  /** A client is refused; what it was told. */
  readonly refusal = async (role: SessionRole, overrides: JoinOverrides = {}): Promise<Refusal> => {
    return this.refusalOf(this.#join(role, overrides), `the ${role} was neither answered nor refused`)
  }

  /** What `attempt` was refused with. */
  async refusalOf(attempt: Promise<unknown>, silence: string): Promise<Refusal> {
    const outcome = await this.within(
      attempt.then(
        () => undefined,
        (error: unknown) => ({ error }),
      ),
      silence,
    )
    if (outcome === undefined) assert.fail('the client was not refused')
    const { error } = outcome
    const { code, message, details } = (error ?? {}) as { code?: unknown; message?: unknown; details?: unknown }
    return { code, text: `${String(message)} ${JSON.stringify(details) ?? ''}` }
  }

  /** Waits until `holds`, in steps of a few milliseconds. */
  readonly until = async (what: string, holds: () => boolean): Promise<void> => {
    const end = performance.now() + this.withinMs
    while (!holds()) {
      if (performance.now() > end) assert.fail(`${what}, within ${this.withinMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** What `promise` resolves to; fails the case if that takes too long. */
  readonly within = async <Value>(promise: Promise<Value>, failure: string): Promise<Value> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const fail = () => reject(new assert.AssertionError({ message: `${failure} within ${this.withinMs} ms` }))
      timer = setTimeout(fail, this.withinMs)
    })
    try {
      return await Promise.race([promise, late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #join(role: SessionRole, overrides: JoinOverrides): Promise<ContractClient> {
    const client = await this.#adapter?.join({
      role,
      broadcast: 'main',
      offerSdp: offerOf(role),
      token: undefined,
      signal: new AbortController().signal,
      ...overrides,
    })
    assert.ok(typeof client?.answerSdp === 'string', 'join has to resolve to an object with the answerSdp')
    return client
  }
}
