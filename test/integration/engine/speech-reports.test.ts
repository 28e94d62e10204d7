/** What a shard tells of its publishers' speech: the level only while there is another publisher to compare it with. */
import { afterEach, expect, it } from 'vitest'
import { DEFAULT_ENGINE_CONFIG } from '../../../src/engine/engine-config.js'
import { Shard } from '../../../src/engine/shard.js'
import type { PeerSpeech } from '../../../src/engine/shard-api.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const speech: PeerSpeech[] = []
const clients: LightClient[] = []
const shard = await Shard.open({
  index: 0,
  config: { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] },
  listener: {
    onPeerState: ({ peerId, state }) => {
      if (state === 'connected') shard.setOrigin('b', peerId, { shard: 0, peerId })
    },
    onLayer: () => {},
    onSpeech: (reports) => speech.push(...reports),
  },
})

afterEach(async () => {
  await shard.close()
  for (const client of clients) client.close()
})

async function publish(peerId: string): Promise<LightClient> {
  const client = await LightClient.create('publisher', { audio: true })
  clients.push(client)
  const { answer } = await shard.addPublisher({ peerId, broadcastId: 'b', feed: peerId, offer: client.offer })
  await client.accept(answer)
  return client
}

it('tells that one who is alone begins and ends, and of several how loud they are', async () => {
  const alice = await publish('alice')
  let packets = 0
  await waitFor('two seconds of speech', () => {
    alice.sendAudio(20)
    return ++packets > 200
  })
  await waitFor('the end of it', () => speech.some(({ speaking }) => !speaking))
  // They alternate: nothing is told twice.
  expect(speech.map(({ speaking }) => speaking)).toEqual(speech.map((_, i) => i % 2 === 0))

  await publish('bob')
  speech.length = 0
  await waitFor('the level, again and again', () => {
    alice.sendAudio(20)
    return speech.filter(({ speaking }) => speaking).length > 4
  })
  expect(speech.every(({ peerId }) => peerId === 'alice')).toBe(true)
  expect(speech.at(-1)?.levelDbov).toBeGreaterThan(-30)
})
