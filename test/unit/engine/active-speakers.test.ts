import { expect, test } from 'vitest'
import { ActiveSpeakers } from '../../../src/engine/active-speakers.js'
import type { ActiveSpeakerEvent } from '../../../src/engine/types.js'

test('each broadcast has its own speaker, told when it changes and only then', () => {
  const events: ActiveSpeakerEvent[] = []
  const speakers = new ActiveSpeakers((event) => events.push(event))
  speakers.speaks('one', 'a', -30, 0)
  speakers.speaks('two', 'b', -20, 0)
  speakers.speaks('one', 'a', -31, 200)
  for (let nowMs = 200; nowMs <= 1000; nowMs += 200) speakers.speaks('one', 'c', -10, nowMs)
  speakers.stops('one', 'a')
  speakers.stops('two', 'nobody')
  speakers.stops('none', 'a')
  speakers.stops('one', 'c')
  speakers.stops('one', 'c')
  expect(events).toEqual([
    { broadcastId: 'one', peerId: 'a' },
    { broadcastId: 'two', peerId: 'b' },
    { broadcastId: 'one', peerId: 'c' },
    { broadcastId: 'one', peerId: undefined },
  ])
})
