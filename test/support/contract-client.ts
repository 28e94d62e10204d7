import type { ContractClient } from '../contract/engine-contract.js'
import { LightClient } from './light-client.js'

/** A peer over a real socket, for the engine contract. */
export async function contractClient(role: 'publisher' | 'viewer'): Promise<ContractClient> {
  const client = await LightClient.create(role, { audio: role === 'publisher' })
  return {
    offer: client.offer,
    accept: (answer) => client.accept(answer),
    fragment: (restart) => client.fragment(restart),
    acceptFragment: (fragment) => client.acceptFragment(fragment),
    sendKeyframe: () => client.sendVideo(true),
    speak: () => client.sendAudio(20),
    close: () => client.close(),
  }
}
