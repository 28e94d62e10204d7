import { beforeEach, describe, expect, it } from 'vitest'
import { BroadcastWatch } from '../../../src/broadcast/broadcast-watch.js'
import { Session, type SessionOwner } from '../../../src/broadcast/session.js'
import type { SessionAbout } from '../../../src/broadcast/session-about.js'
import type { SignalingEvent } from '../../../src/broadcast/signaling-target.js'
import { VirtualTime } from '../util/virtual-time.js'

const owner = {} as SessionOwner

let time: VirtualTime
let broadcast: { live: boolean; viewerCount: number }
let watch: BroadcastWatch

beforeEach(() => {
  time = new VirtualTime()
  broadcast = { live: false, viewerCount: 0 }
  watch = new BroadcastWatch(broadcast, time)
})

const about: SessionAbout = {
  id: 'id',
  role: 'viewer',
  broadcast: 'b',
  as: undefined,
  createdAt: 0,
  address: undefined,
  roles: [],
  metadata: {},
  relay: undefined,
  publishers: undefined,
}

function subscribed() {
  const session = new Session(owner, about)
  const events: SignalingEvent[] = []
  const stop = watch.subscribe(session, (event) => events.push(event))
  return { session, events, stop }
}

function viewers(count: number): void {
  broadcast.viewerCount = count
  watch.onViewersChanged()
}

describe('whoever subscribes', () => {
  it('is told how things are, at once', () => {
    expect(subscribed().events).toEqual([{ type: 'viewers', count: 0 }])
    Object.assign(broadcast, { live: true, viewerCount: 3 })
    expect(subscribed().events).toEqual([{ type: 'live' }, { type: 'viewers', count: 3 }])
  })

  it('is told what happens to the broadcast and to its own session, and the end last', () => {
    const one = subscribed()
    const other = subscribed()
    watch.tell({ type: 'live' })
    one.session.onLayer({ publisher: 'main', mid: '0', live: true, rid: undefined, reason: 'source' })
    one.session.onPeerState({ peerId: 'id', state: 'closed', reason: 'consent-timeout' })
    watch.tell({ type: 'idle' })
    expect(one.events.slice(1)).toEqual([
      { type: 'live' },
      { type: 'layer' },
      { type: 'closed', reason: 'consent-timeout' },
    ])
    expect(other.events.slice(1)).toEqual([{ type: 'live' }, { type: 'idle' }])
  })

  it('can stop', () => {
    const { session, events, stop } = subscribed()
    stop()
    watch.tell({ type: 'live' })
    session.onPeerState({ peerId: 'id', state: 'closed', reason: 'closed' })
    expect(events).toHaveLength(1)
  })

  it('hears nothing of a session that has ended', () => {
    const session = new Session(owner, about)
    session.onPeerState({ peerId: 'id', state: 'closed', reason: 'closed' })
    const events: SignalingEvent[] = []
    watch.subscribe(session, (event) => events.push(event))
    watch.tell({ type: 'live' })
    expect(events).toEqual([])
  })

  it('does not disturb the others when it throws', () => {
    const session = new Session(owner, about)
    watch.subscribe(session, () => {
      throw new Error('the listener')
    })
    const { events } = subscribed()
    watch.tell({ type: 'live' })
    expect(events.at(-1)).toEqual({ type: 'live' })
  })
})

describe('the number of viewers', () => {
  it('is told at once, and then at most once a second', () => {
    const { events } = subscribed()
    for (let count = 1; count <= 500; count++) viewers(count)
    expect(events.slice(1)).toEqual([{ type: 'viewers', count: 1 }])
    time.advance(999)
    expect(events).toHaveLength(2)
    time.advance(1)
    expect(events.slice(2)).toEqual([{ type: 'viewers', count: 500 }])
    time.advance(5000)
    expect(events).toHaveLength(3)
    expect(time.waiting).toBe(0)
  })

  it('is not told again while it is the same', () => {
    const { events } = subscribed()
    viewers(1)
    viewers(2)
    viewers(1)
    time.advance(1000)
    expect(events.slice(1)).toEqual([{ type: 'viewers', count: 1 }])
  })

  it('is counted for nobody', () => {
    viewers(1)
    expect(time.waiting).toBe(0)
    broadcast.viewerCount = 4
    const { events } = subscribed()
    viewers(1)
    expect(events).toEqual([
      { type: 'viewers', count: 4 },
      { type: 'viewers', count: 1 },
    ])
  })

  it('leaves no timer behind', () => {
    subscribed()
    viewers(1)
    watch.close()
    expect(time.waiting).toBe(0)
  })
})
