/** Two publishers of one broadcast on different threads: who is louder is found out across them. */
import { afterEach, expect, it } from 'vitest'
import { createEngine } from '../../../dist/engine/create-engine.js'
import { DEFAULT_ENGINE_CONFIG } from '../../../dist/engine/engine-config.js'
import type { ActiveSpeakerEvent } from '../../../src/engine/types.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const connected = new Set<string>()
const events: ActiveSpeakerEvent[] = []
const engine = createEngine(
  2,
  { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] },
  {
    onPeerState: ({ peerId }) => connected.add(peerId),
    onLayer: () => {},
    onActiveSpeaker: (event) => events.push(event),
  },
)
afterEach(() => engine.close())

async function publish(peerId: string): Promise<LightClient> {
  const client = await LightClient.create('publisher', { audio: true })
  const { answer } = await engine.addPublisher({ peerId, broadcastId: 'b', feed: peerId, offer: client.offer })
  await client.accept(answer)
  await waitFor(`${peerId} connected`, () => connected.has(peerId))
  return client
}

it('follows the louder of two publishers on two threads, until both are silent', async () => {
  const alice = await publish('alice')
  const bob = await publish('bob')
  const { shards } = await engine.stats()
  expect(shards.map(({ publishers }) => publishers)).toEqual([1, 1])
  const levels = { alice: 30, bob: 127 }
  const timer = setInterval(() => {
    alice.sendAudio(levels.alice)
    bob.sendAudio(levels.bob)
  }, 20)
  const speaker = (peerId: string | undefined) => () => events.at(-1)?.peerId === peerId && events.length > 0
  try {
    await waitFor('alice speaks', speaker('alice'))
    levels.bob = 15
    await waitFor('bob, who is louder, has the word', speaker('bob'))
    levels.bob = 127
    await waitFor('alice has it again', speaker('alice'))
    levels.alice = 127
    await waitFor('nobody speaks', speaker(undefined))
    expect(events.every(({ broadcastId }) => broadcastId === 'b')).toBe(true)
  } finally {
    clearInterval(timer)
    for (const client of [alice, bob]) client.close()
  }
})
