/** One rule of the contract, before it is about a certain adapter. */
import type { Authorize } from '../../signaling/authorization.js'
import type { ContractScene } from './contract-scene.js'
import type { ContractFeature } from './contract-types.js'

/** What an adapter must do. */
export interface ContractRule {
  readonly name: string
  /** What the adapter must have for it to count; nothing for any adapter. */
  readonly needs?: readonly ContractFeature[]
  /** The hook that the adapter is given; what it is asked is in `scene.asked`. */
  readonly authorize?: Authorize
  /** Rejects with an `AssertionError`. */
  check(scene: ContractScene): Promise<void>
}
