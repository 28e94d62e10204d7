import { FakeEngine } from '../../../src/testing/fake-engine.js'
import { type ContractClient, DEAF, engineContract } from '../../contract/engine-contract.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

/** Fragments under the credentials of the offers, and of restarts. */
class Fragments {
  #count = 0

  next(restart: boolean): string {
    if (restart) this.#count++
    const suffix = this.#count === 0 ? '' : `${this.#count}`
    return `a=ice-ufrag:abcd${suffix}\r\na=ice-pwd:abcdefghijklmnopqrstuv${suffix}\r\n`
  }
}

engineContract('FakeEngine', (listener) => {
  const fragments = new Fragments()
  const engine = new FakeEngine(listener)
  const client = (peerId: string, offer: string): ContractClient => ({
    offer,
    accept: async () => engine.simulateState(peerId, 'connected'),
    fragment: (restart = false) => fragments.next(restart),
    acceptFragment: async () => {},
    sendKeyframe: () => {
      const event = { publisher: 'main', mid: '1', live: true, rid: undefined, reason: 'source' } as const
      for (const viewerId of engine.peerIds) engine.simulateLayer(viewerId, event)
    },
    speak: () => engine.simulateSpeech(peerId, true),
    close: async () => engine.simulateEnd(peerId, 'peer-closed'),
  })
  return {
    engine,
    answerer: new FakeEngine(DEAF),
    connect: (peerId) => engine.simulateState(peerId, 'connected'),
    publisher: async (peerId) => client(peerId, PUBLISHER_OFFER),
    viewer: async (peerId) => client(peerId, VIEWER_OFFER),
  }
})
