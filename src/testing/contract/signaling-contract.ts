/** What every signaling adapter must do, as tests that any test runner can run. */
import { AUTHORIZATION_RULES } from './authorization-rules.js'
import { ContractScene } from './contract-scene.js'
import type {
  ContractCase,
  ContractFeature,
  CreateContractAdapter,
  SignalingContractOptions,
} from './contract-types.js'
import { FAILURE_RULES } from './failure-rules.js'
import { OFFER_RULES } from './offer-rules.js'
import { SESSION_RULES } from './session-rules.js'

const RULES = [...OFFER_RULES, ...FAILURE_RULES, ...SESSION_RULES, ...AUTHORIZATION_RULES]

const FEATURES: readonly ContractFeature[] = [
  'broadcast-name',
  'error-code',
  'leave',
  'abandon',
  'trickle',
  'ended',
  'authorize',
  'size-limit',
]

/**
 * The rules for signaling adapters, as test cases: offers reach the target as they are and answers come back, errors keep their codes and secrets
 * stay inside, sessions end with their clients, the `authorize` hook is asked first, and nothing too large gets in. The adapters of
 * `manycast/signaling` pass them.
 *
 * Each case makes its own adapter by `createAdapter`, on a fake target, so that they can run in any order. It knows no test runner: Vitest, Jest
 * and node:test all take a name and an async function. Throws a `TypeError` for a feature that there is not.
 *
 * @example
 * ```ts
 * const contract = signalingContract(({ target, authorize }) => {
 *   const adapter = mySignaling(target, { authorize })
 *   return { join: async ({ role, offerSdp }) => ({ answerSdp: await myClient(adapter).join(role, offerSdp) }) }
 * }, { without: ['leave', 'abandon', 'trickle', 'ended'] })
 *
 * for (const { name, run } of contract) test(name, run)
 * ```
 */
export function signalingContract(
  createAdapter: CreateContractAdapter,
  options: SignalingContractOptions = {},
): readonly ContractCase[] {
  const without = new Set(options.without ?? [])
  for (const feature of without) {
    if (!FEATURES.includes(feature))
      throw new TypeError(`without: expected some of ${FEATURES.join(', ')}, not ${feature}`)
  }
  return RULES.filter(({ needs = [] }) => !needs.some((feature) => without.has(feature))).map((rule) => ({
    name: rule.name,
    async run() {
      const scene = new ContractScene(options)
      await scene.run(createAdapter, rule.authorize, () => rule.check(scene))
    },
  }))
}
