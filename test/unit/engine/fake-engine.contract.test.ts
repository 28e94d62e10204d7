import { FakeEngine } from '../../../src/testing/fake-engine.js'
import { type ContractClient, engineContract } from '../../contract/engine-contract.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

engineContract('FakeEngine', (onPeerState) => {
  const engine = new FakeEngine(onPeerState)
  const client = (peerId: string, offer: string): ContractClient => ({
    offer,
    accept: async () => engine.simulateState(peerId, 'connected'),
    close: async () => engine.simulateEnd(peerId, 'peer-closed'),
  })
  return {
    engine,
    publisher: async (peerId) => client(peerId, PUBLISHER_OFFER),
    viewer: async (peerId) => client(peerId, VIEWER_OFFER),
  }
})
