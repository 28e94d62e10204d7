import { expect, it } from 'vitest'
import { type PendingOffer, PendingOffers } from '../../../src/engine/pending-offers.js'
import { receive } from '../sdp/answers.js'
import { LOCAL as LOCAL_SDP } from '../sdp/offers.js'
import { check, createWorld, dtlsRecord, LOCAL } from '../transport/transport-fixtures.js'

function waiting() {
  const world = createWorld()
  const timedOut: string[] = []
  const offers = new PendingOffers({
    mux: world.mux,
    scheduler: world.scheduler,
    timeoutMs: 15_000,
    onTimeout: (peerId, detail) => timedOut.push(`${peerId}: ${detail}`),
  })
  const add = (peerId: string, iceUfrag: string) => {
    const request = { peerId, broadcastId: 'b', feed: 'main' }
    const local = { ...LOCAL_SDP, ...LOCAL, iceUfrag }
    const pending: PendingOffer = { role: 'publisher', request, local, offer: receive(), settings: [] }
    offers.add(pending)
    return pending
  }
  return { ...world, offers, timedOut, add }
}

it('checks that come before the answer are dropped and counted, and open nothing', () => {
  const { add, arrive, sender, counters, mux } = waiting()
  add('p', LOCAL.iceUfrag)
  arrive(check({ role: 'controlled', useCandidate: true }))
  arrive(check({ integrity: false }))
  arrive(dtlsRecord())
  expect(sender.take()).toEqual([])
  expect(counters).toMatchObject({ stunBeforeAnswer: 2, dtlsUnknownAddress: 1, defects: 0 })
  expect(mux.addressCount).toBe(0)
})

it('an offer that is never answered is told of, once', () => {
  const { add, offers, timedOut, time } = waiting()
  const pending = add('p', 'one1')
  time.advance(14_999)
  expect(timedOut).toEqual([])
  time.advance(1)
  expect(timedOut).toEqual(['p: no answer after 15000 ms'])
  expect(offers.take('p')).toBe(pending)
  time.advance(60_000)
  expect(timedOut).toHaveLength(1)
})

it('an offer that was taken waits no more, and its ufrag is free', () => {
  const { add, offers, timedOut, time, mux, scheduler, arrive, counters } = waiting()
  const pending = add('p', LOCAL.iceUfrag)
  add('q', 'two2')
  expect(mux.hasUfrag(LOCAL.iceUfrag)).toBe(true)
  expect(offers.get('p')).toBe(pending)
  expect(offers.peerIds()).toEqual(['p', 'q'])
  expect([offers.count('publisher'), offers.count('viewer')]).toEqual([2, 0])
  expect(offers.stats(({ peerId }) => peerId === 'q')).toEqual([
    { peerId: 'q', broadcastId: 'b', role: 'publisher', state: 'connecting' },
  ])
  expect(offers.take('p')).toBe(pending)
  expect([offers.take('p'), offers.get('p'), offers.take('nobody')]).toEqual([undefined, undefined, undefined])
  expect(mux.hasUfrag(LOCAL.iceUfrag)).toBe(false)
  arrive(check())
  expect(counters).toMatchObject({ stunBeforeAnswer: 0, stunUnknownUfrag: 1 })
  offers.take('q')
  time.advance(60_000)
  expect([timedOut, mux.peerCount, scheduler.size]).toEqual([[], 0, 0])
})
