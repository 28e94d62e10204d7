/**
 * Whom plain RTP is taken from: the first that sends, or the address that was given, as long as it is heard. Who falls silent, or says goodbye, gives
 * its place away: a program that is started again sends from another port.
 */

/** Where somebody sends from. */
export interface SenderAddress {
  readonly ip: string
  readonly port: number
}

/** How a {@link SenderPin} is made. */
export interface SenderPinConfig {
  /** Nobody else may send; in the kernel's spelling. */
  readonly ip?: string
  /** Nor from another port. */
  readonly port?: number
  /** Silence of this length gives the place away. */
  readonly timeoutMs: number
}

/** The one sender of a track. */
export class SenderPin {
  readonly #config: SenderPinConfig
  #holder: SenderAddress | undefined
  #heardMs = Number.NEGATIVE_INFINITY

  constructor(config: SenderPinConfig) {
    this.#config = config
  }

  /** Who holds the place; undefined while it is free. */
  get holder(): SenderAddress | undefined {
    return this.#holder
  }

  /** When the holder's silence is over the limit; infinity while there is none. */
  get releaseMs(): number {
    return this.#holder === undefined ? Number.POSITIVE_INFINITY : this.#heardMs + this.#config.timeoutMs
  }

  /** True if media may come from there now. */
  admits(ip: string, port: number, nowMs: number): boolean {
    const holder = this.#holder
    if (holder !== undefined && nowMs < this.releaseMs) return holder.port === port && holder.ip === ip
    return this.mayBeFrom(ip) && (this.#config.port === undefined || this.#config.port === port)
  }

  /** True if a sender may be of that address at all. */
  mayBeFrom(ip: string): boolean {
    return this.#config.ip === undefined || this.#config.ip === ip
  }

  /** Media that was admitted, and is what it should be, has come from there; true if it takes the place with that. */
  heard(ip: string, port: number, nowMs: number): boolean {
    const isNew = this.#holder === undefined || this.#holder.port !== port || this.#holder.ip !== ip
    if (isNew) this.#holder = { ip, port }
    this.#heardMs = nowMs
    return isNew
  }

  /** The place is free. */
  release(): void {
    this.#holder = undefined
  }
}
