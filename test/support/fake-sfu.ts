import { Sfu } from '../../src/broadcast/sfu.js'
import type { SfuOptions } from '../../src/broadcast/sfu-options.js'
import type { EngineListener } from '../../src/engine/types.js'
import { FakeEngine } from '../../src/testing/fake-engine.js'
import { VirtualClock } from '../../src/testing/virtual-clock.js'

/** An Sfu on a fake engine and a virtual clock, and those two. */
export function fakeSfu(options: SfuOptions = {}): { sfu: Sfu; engine: FakeEngine; clock: VirtualClock } {
  let engine: FakeEngine | undefined
  const clock = new VirtualClock()
  const createEngine = (_config: unknown, listener: EngineListener) => {
    engine = new FakeEngine(listener)
    return engine
  }
  const sfu = new Sfu(options, createEngine, clock)
  return { sfu, engine: engine as FakeEngine, clock }
}
