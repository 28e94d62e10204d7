import { createEngine } from '../../../src/engine/create-engine.js'
import { DEFAULT_ENGINE_CONFIG } from '../../../src/engine/engine-config.js'
import { engineContract } from '../../contract/engine-contract.js'
import { contractClient } from '../../support/contract-client.js'

engineContract('the engine in this thread', (listener) => ({
  engine: createEngine(0, { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] }, listener),
  publisher: () => contractClient('publisher'),
  viewer: () => contractClient('viewer'),
}))
