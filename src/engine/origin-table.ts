/**
 * Who is the source of which broadcast. One table per engine decides it and tells the shards, so that two shards can never
 * disagree. The publisher that connected last is the source; when it goes, the one before it takes over again.
 */

/** The publisher that a broadcast is fed by, and the shard it is on. */
export interface Origin {
  readonly shard: number
  readonly peerId: string
}

/** Connected publishers by broadcast, the newest last. */
export class OriginTable {
  readonly #publishers = new Map<string, Origin[]>()

  /** @param onChange hears of every broadcast whose source has changed. */
  constructor(readonly onChange: (broadcastId: string, origin: Origin | undefined) => void) {}

  /** The source of a broadcast now. */
  get(broadcastId: string): Origin | undefined {
    return this.#publishers.get(broadcastId)?.at(-1)
  }

  /** A publisher is connected and becomes the source. */
  add(broadcastId: string, origin: Origin): void {
    const list = this.#publishers.get(broadcastId)
    if (list) list.push(origin)
    else this.#publishers.set(broadcastId, [origin])
    this.onChange(broadcastId, origin)
  }

  /** A publisher is gone; harmless for one that never connected. */
  remove(broadcastId: string, peerId: string): void {
    const list = this.#publishers.get(broadcastId)
    const index = list?.findIndex((origin) => origin.peerId === peerId) ?? -1
    if (!list || index < 0) return
    const wasSource = index === list.length - 1
    list.splice(index, 1)
    if (list.length === 0) this.#publishers.delete(broadcastId)
    if (wasSource) this.onChange(broadcastId, list.at(-1))
  }
}
