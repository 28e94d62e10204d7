import { createEngine } from '../../../src/engine/create-engine.js'
import { DEFAULT_ENGINE_CONFIG } from '../../../src/engine/engine-config.js'
import { DEAF, engineContract } from '../../contract/engine-contract.js'
import { contractClient } from '../../support/contract-client.js'

const config = { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] }

engineContract('the engine in this thread', (listener) => ({
  engine: createEngine(0, config, listener),
  answerer: createEngine(0, config, DEAF),
  publisher: () => contractClient('publisher'),
  viewer: () => contractClient('viewer'),
}))
