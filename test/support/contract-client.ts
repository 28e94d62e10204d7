import type { ContractClient } from '../contract/engine-contract.js'
import { LightClient } from './light-client.js'

/** A peer over a real socket, for the engine contract. */
export async function contractClient(role: 'publisher' | 'viewer'): Promise<ContractClient> {
  const client = await LightClient.create(role, { audio: role === 'publisher' })
  return {
    offer: client.offer,
    accept: (answer) => client.accept(answer),
    sendKeyframe: () => client.sendVideo(true),
    speak: () => client.sendAudio(20),
    close: () => client.close(),
  }
}
