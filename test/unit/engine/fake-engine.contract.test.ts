import { FakeEngine } from '../../../src/testing/fake-engine.js'
import { type ContractClient, engineContract } from '../../contract/engine-contract.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

engineContract('FakeEngine', (listener) => {
  const engine = new FakeEngine(listener)
  const client = (peerId: string, offer: string): ContractClient => ({
    offer,
    accept: async () => engine.simulateState(peerId, 'connected'),
    sendKeyframe: () => {
      const event = { publisher: 'main', mid: '1', live: true, rid: undefined, reason: 'source' } as const
      for (const viewerId of engine.peerIds) engine.simulateLayer(viewerId, event)
    },
    speak: () => engine.simulateSpeech(peerId, true),
    close: async () => engine.simulateEnd(peerId, 'peer-closed'),
  })
  return {
    engine,
    publisher: async (peerId) => client(peerId, PUBLISHER_OFFER),
    viewer: async (peerId) => client(peerId, VIEWER_OFFER),
  }
})
