import { beforeEach, describe, expect, it } from 'vitest'
import type { CloseReason } from '../../../../src/broadcast/signaling-target.js'
import type { WhepEventName } from '../../../../src/signaling/whip-whep/event-stream.js'
import { SessionEvents, WHEP_EVENTS } from '../../../../src/signaling/whip-whep/session-events.js'
import { type FakeSession, fakeTarget } from '../../../../src/testing/index.js'
import { VirtualTime } from '../../util/virtual-time.js'
import { reading } from './reading.js'

const SECTIONS = [
  { kind: 'audio', mid: '0' },
  { kind: 'video', mid: '1' },
] as const

let time: VirtualTime
let session: FakeSession
let ended: number

beforeEach(async () => {
  time = new VirtualTime()
  ended = 0
  session = (await fakeTarget().view('v=0\r\n')).session
})

function events(wanted: readonly WhepEventName[] = WHEP_EVENTS): SessionEvents {
  return new SessionEvents({
    session,
    sections: SECTIONS,
    wanted: new Set(wanted),
    heartbeatMs: 15_000,
    onEnd: () => ended++,
    timers: time,
  })
}

const layer = (rid: string, live: boolean, bitrateBps = 1000) => ({ rid, live, bitrateBps, sublayers: [] })

/** Reads without the preamble. */
function read(body: ReadableStream<Uint8Array>) {
  const reader = reading(body)
  return { reader, take: async () => (await reader.take()).replace('retry: 2000\n\n', '') }
}

describe('the events of a session', () => {
  it('ask to reconnect, also who reads later, and the session goes on', async () => {
    const { stream } = events(['reconnect'])
    const { take } = read(stream.read())
    expect(await take()).toBe('')
    session.tell({ type: 'reconnect' })
    expect(await take()).toBe('event: reconnect\ndata: {}\n\n')
    expect(await read(stream.read()).take()).toContain('event: reconnect')
    expect(ended).toBe(0)
  })

  it('say that it is live, is not any more, and how many watch', async () => {
    const { stream } = events()
    const { take } = read(stream.read())
    expect(await take()).toBe('')
    session.tell({ type: 'live' })
    session.tell({ type: 'viewers', count: 2 })
    expect(await take()).toBe('event: active\ndata: {}\n\nevent: viewercount\ndata: {"viewercount":2}\n\n')
    session.tell({ type: 'idle' })
    expect(await take()).toBe('event: inactive\ndata: {}\n\n')
  })

  it.each([
    ['engine-failed', true],
    ['sfu-closed', true],
    ['internal-error', true],
    ['closed', false],
    ['broadcast-closed', false],
    ['peer-closed', false],
  ] as [CloseReason, boolean][])('end with the session (%s); whether to reconnect: %s', async (reason, reconnect) => {
    const { stream } = events()
    const { take, reader } = read(stream.read())
    await session.close(reason)
    expect(await take()).toBe(reconnect ? 'event: reconnect\ndata: {}\n\n' : '')
    expect(reader.done).toBe(true)
    expect(ended).toBe(1)
    expect(time.waiting).toBe(0)
  })

  it('say which layers there are when they are others, and not because of their bitrates', async () => {
    session.available = [{ mid: '1', layers: [layer('h', true), layer('l', true)] }]
    const { stream } = events()
    const { take } = read(stream.read())
    expect(await take()).toBe('event: layers\ndata: {"1":[{"rid":"h","bitrate":1000},{"rid":"l","bitrate":1000}]}\n\n')
    session.available = [{ mid: '1', layers: [layer('h', true, 5000), layer('l', true)] }]
    time.advance(2000)
    expect(await take()).toBe('')
    session.available = [{ mid: '1', layers: [layer('h', false), layer('l', true)] }]
    time.advance(1999)
    expect(await take()).toBe('')
    time.advance(1)
    expect(await take()).toBe('event: layers\ndata: {"1":[{"rid":"h"},{"rid":"l","bitrate":1000}]}\n\n')
  })

  it('look at the layers at once when something else is sent', async () => {
    const { stream } = events()
    const { take } = read(stream.read())
    expect(await take()).toBe('')
    session.available = [{ mid: '1', layers: [layer('h', true)] }]
    session.tell({ type: 'layer' })
    expect(await take()).toContain('event: layers\n')
    session.available = []
    session.tell({ type: 'idle' })
    expect(await take()).toBe('event: inactive\ndata: {}\n\nevent: layers\ndata: {}\n\n')
  })

  it('do nothing while nobody reads, and little for who does not want layers', async () => {
    let looks = 0
    session.layers = async () => {
      looks++
      return []
    }
    const { stream } = events()
    session.tell({ type: 'live' })
    time.advance(60_000)
    expect([time.waiting, looks]).toEqual([0, 0])
    const body = stream.read()
    expect(time.waiting).toBe(2)
    await body.cancel()
    expect(time.waiting).toBe(0)
    const few = events(['viewercount'])
    looks = 0
    void few.stream.read()
    session.tell({ type: 'layer' })
    time.advance(10_000)
    expect([time.waiting, looks]).toEqual([1, 0])
  })

  it('go on when the layers cannot be had', async () => {
    session.layers = () => Promise.reject(new Error('the engine'))
    const { stream } = events()
    const { take } = read(stream.read())
    time.advance(2000)
    session.tell({ type: 'live' })
    expect(await take()).toBe('event: active\ndata: {}\n\n')
  })

  it('beat while nothing happens', async () => {
    const { stream } = events(['active'])
    const { take } = read(stream.read())
    time.advance(45_000)
    expect(await take()).toBe(':\n\n:\n\n:\n\n')
  })

  it('stop when they are closed', async () => {
    const one = events()
    const { take, reader } = read(one.stream.read())
    one.close()
    session.tell({ type: 'live' })
    expect(await take()).toBe('')
    expect(reader.done).toBe(true)
    await session.close()
    expect([ended, time.waiting]).toEqual([0, 0])
  })
})
