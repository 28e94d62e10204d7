// Worker threads run the built files; `npm test` builds them first.
import { createEngine } from '../../../dist/engine/create-engine.js'
import { DEFAULT_ENGINE_CONFIG } from '../../../dist/engine/engine-config.js'
import type { Engine } from '../../../src/engine/types.js'
import { DEAF, engineContract } from '../../contract/engine-contract.js'
import { contractClient } from '../../support/contract-client.js'

const config = { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] }

engineContract('the engine in two worker threads', (listener) => ({
  engine: createEngine(2, config, listener) as unknown as Engine,
  answerer: createEngine(0, config, DEAF) as unknown as Engine,
  publisher: () => contractClient('publisher'),
  viewer: () => contractClient('viewer'),
}))
