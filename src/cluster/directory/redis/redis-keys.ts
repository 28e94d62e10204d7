/**
 * How keys are named in Redis. What one script touches has the same part in braces, so that Redis Cluster keeps it on one node: the nodes of the cluster are together, and so is
 * each broadcast, while different broadcasts are spread.
 */
import { refuseOption } from '../../../util/options.js'

/** The names of the keys and the channel of one cluster. */
export class RedisKeys {
  /** Expiry times, loads and fixed parts of the nodes. */
  readonly nodes: readonly string[]
  /** Where the names of broadcasts whose origins have changed are told. */
  readonly channel: string
  readonly #start: string

  /** @throws BroadcastError `option-invalid` */
  constructor(prefix = 'manycast', namespace = 'default') {
    for (const [name, text] of Object.entries({ prefix, namespace })) {
      if (typeof text !== 'string' || !/^[\w.:-]{1,100}$/.test(text)) {
        refuseOption(name, '1 to 100 letters, digits or any of _ . : -', text)
      }
    }
    this.#start = `{${prefix}:${namespace}`
    this.nodes = ['expiry', 'load', 'fixed'].map((part) => `${this.#start}:nodes}:${part}`)
    this.channel = `${prefix}:${namespace}:origins`
  }

  /** The leases of a broadcast. */
  leases(broadcast: string): readonly string[] {
    return [this.#of(broadcast, 'leases')]
  }

  /** The leases of a broadcast, and the newest token. */
  claimed(broadcast: string): readonly string[] {
    return [this.#of(broadcast, 'leases'), this.#of(broadcast, 'token')]
  }

  /** The carriers of a broadcast. */
  carriers(broadcast: string): readonly string[] {
    return [this.#of(broadcast, 'carriers')]
  }

  /** Leases and carriers of a broadcast. */
  known(broadcast: string): readonly string[] {
    return [this.#of(broadcast, 'leases'), this.#of(broadcast, 'carriers')]
  }

  /** A name with a brace in it ends the common part earlier, which is the same for all keys of the broadcast. */
  #of(broadcast: string, part: string): string {
    return `${this.#start}:b:${broadcast}}:${part}`
  }
}
