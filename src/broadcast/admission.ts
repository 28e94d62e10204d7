/** Decides whether there is room for one more session, and keeps the count. */
import { BroadcastError } from '../errors.js'
import type { Clock } from '../util/clock.js'
import { AddressTable } from './address-table.js'
import type { SessionLimitsConfig } from './session-limits.js'
import { SessionTally } from './session-tally.js'

/** A broadcast, as far as its room is concerned. */
export interface LimitedBroadcast {
  readonly id: string
  readonly limits: SessionLimitsConfig
}

/** Who wants to come in. */
export interface Newcomer {
  /** The name of a publisher; undefined for a viewer. */
  readonly as: string | undefined
  readonly address: string | undefined
  /** See `SignalingContext.maxViewers`. */
  readonly maxViewers: number | undefined
}

/** The room that a session takes, until it leaves. */
export interface Place {
  /** It has got connected. Idempotent. */
  settle(): void
  /** It has ended. Idempotent. */
  leave(): void
}

interface BroadcastRoom {
  readonly tally: SessionTally
  /** What publishers' grants say of the number of viewers. */
  readonly viewerCaps: Map<Place, number>
}

/** What is limited: sessions that connect, sessions of a broadcast, sessions of an address. */
export class Admission {
  readonly #rooms = new WeakMap<LimitedBroadcast, BroadcastRoom>()
  readonly #addresses: AddressTable
  #pending = 0

  constructor(
    private readonly config: { readonly maxPendingSessions: number; readonly addressLimits: SessionLimitsConfig },
    private readonly clock: Clock,
  ) {
    this.#addresses = new AddressTable(config.addressLimits)
  }

  /** Lets a session in. Throws `rate-limited` or `limit-reached`; it then takes no room. */
  enter(broadcast: LimitedBroadcast, { as, address, maxViewers }: Newcomer): Place {
    const nowMs = this.clock.nowMs()
    const room = this.#room(broadcast)
    const ofAddress = address === undefined ? undefined : this.#addresses.tally(address, nowMs)
    const tallies = ofAddress === undefined ? [room.tally] : [ofAddress, room.tally]
    const publisher = as === undefined ? undefined : `${broadcast.id} ${as}`
    for (const tally of tallies) tally.join(nowMs)
    this.#checkPending()
    for (const tally of tallies) tally.checkRoom(publisher)
    if (publisher === undefined) checkViewers(room, maxViewers)
    this.#pending++
    for (const tally of tallies) tally.enter(publisher)
    const place = this.#place(tallies, publisher, () => room.viewerCaps.delete(place))
    if (publisher !== undefined && maxViewers !== undefined) room.viewerCaps.set(place, maxViewers)
    return place
  }

  #place(tallies: readonly SessionTally[], publisher: string | undefined, onLeave: () => void): Place {
    let pending = true
    let here = true
    const settle = (): void => {
      if (!pending) return
      pending = false
      this.#pending--
      for (const tally of tallies) tally.settle()
    }
    const leave = (): void => {
      if (!here) return
      here = false
      settle()
      for (const tally of tallies) tally.leave(publisher)
      onLeave()
    }
    return { settle, leave }
  }

  #checkPending(): void {
    const { maxPendingSessions } = this.config
    if (this.#pending < maxPendingSessions) return
    throw new BroadcastError('limit-reached', `${maxPendingSessions} sessions are connecting already`, {
      details: { limit: 'maxPendingSessions' },
    })
  }

  #room(broadcast: LimitedBroadcast): BroadcastRoom {
    const known = this.#rooms.get(broadcast)
    if (known) return known
    const room = { tally: new SessionTally('limits', broadcast.limits), viewerCaps: new Map<Place, number>() }
    this.#rooms.set(broadcast, room)
    return room
  }
}

/** What grants say of the number of viewers: the newcomer's own, and those of the publishers. */
function checkViewers({ tally, viewerCaps }: BroadcastRoom, own: number | undefined): void {
  const cap = Math.min(own ?? Number.POSITIVE_INFINITY, ...viewerCaps.values())
  if (tally.viewers < cap) return
  throw new BroadcastError('limit-reached', `the broadcast has ${tally.viewers} viewers already`, {
    details: { limit: 'maxViewers' },
  })
}
