import { Sfu } from '../../src/broadcast/sfu.js'
import type { SfuOptions } from '../../src/broadcast/sfu-options.js'
import { FakeEngine } from '../../src/testing/fake-engine.js'

/** An Sfu on a fake engine, and that engine. */
export function fakeSfu(options: SfuOptions = {}): { sfu: Sfu; engine: FakeEngine } {
  let engine: FakeEngine | undefined
  const sfu = new Sfu(options, (_config, listener) => {
    engine = new FakeEngine(listener)
    return engine
  })
  return { sfu, engine: engine as FakeEngine }
}
