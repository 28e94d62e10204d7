/** An Sfu that is measured: when it refuses newcomers, and what it does before. All of it on virtual time. */
import { describe, expect, it } from 'vitest'
import type { LoadStats } from '../../../../src/broadcast/load/load-stats.js'
import type { LoadProbe, ProcessLoad } from '../../../../src/broadcast/load/process-probe.js'
import { Sfu } from '../../../../src/broadcast/sfu.js'
import type { SfuOptions } from '../../../../src/broadcast/sfu-options.js'
import type { EngineListener, ShardLoad } from '../../../../src/engine/types.js'
import { FakeEngine } from '../../../../src/testing/fake-engine.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../../support/offers.js'

const THREAD = { eventLoopDelayMs: 0, activeMs: 0, idleMs: 0, heapUsedBytes: 1, heapLimitBytes: 100 }

/** A process whose figures the test sets. */
class FakeProbe implements LoadProbe {
  /** Of all CPU time; counted on at each look. */
  cpu = 0
  isRunning = false
  #cpuMs = 0
  start(): void {
    this.isRunning = true
  }
  stop(): void {
    this.isRunning = false
  }
  async read(): Promise<ProcessLoad> {
    this.#cpuMs += 1000 * this.cpu
    return { cpuMs: this.#cpuMs, cores: 1, rssBytes: 1, control: THREAD, receiveDrops: 0 }
  }
}

/** An engine with one shard, which may be stuck. */
class LoadedEngine extends FakeEngine {
  isStuck = false
  override load(): Promise<readonly ShardLoad[]> {
    if (this.isStuck) return new Promise(() => {})
    return Promise.resolve([{ ...THREAD, shard: 0, port: 1, datagramsIn: 0, datagramsOut: 0 }])
  }
}

function measured(options: SfuOptions = {}) {
  const clock = new VirtualClock()
  const probe = new FakeProbe()
  let engine: LoadedEngine | undefined
  const create = (_: unknown, listener: EngineListener) => {
    engine = new LoadedEngine(listener)
    return engine
  }
  const sfu = new Sfu(options, create, clock, probe)
  const told: string[] = []
  sfu.on('overloaded', ({ reasons }: LoadStats) => told.push(`overloaded: ${reasons}`))
  sfu.on('recovered', () => told.push('recovered'))
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
  return { sfu, engine: engine as LoadedEngine, probe, clock, told, pass }
}

describe('a server that has too much to do', () => {
  it('refuses new viewers, keeps those that it has, takes publishers, and says when it is over', async () => {
    const { sfu, probe, told, pass } = measured()
    await sfu.ready()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    probe.cpu = 1
    await pass(6)
    expect(told).toEqual(['overloaded: CPU: 100 %, at most 97 %'])
    const refused = sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await expect(refused).rejects.toMatchObject({ code: 'overloaded', httpStatus: 503 })
    const { details } = await refused.catch((error) => error)
    expect(details.retryAfterMs).toBeGreaterThanOrEqual(5000)
    expect(details.retryAfterMs).toBeLessThan(10_000)
    expect(session.state).toBe('connecting')
    await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    await sfu.view(VIEWER_OFFER, { broadcast: 'a', essential: true })
    expect(sfu.load()).toMatchObject({ cpu: 1, overloaded: true, utilization: 1 / 0.97 })
    probe.cpu = 0.5
    await pass(7)
    expect(told.at(-1)).toBe('recovered')
    expect(sfu.load()).toMatchObject({ cpu: 0.5, overloaded: false, reasons: [] })
    await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await sfu.close()
    expect(probe.isRunning).toBe(false)
  })

  it('refuses publishers, too, far above its limits', async () => {
    const { sfu, probe, pass } = measured({ overload: { maxCpu: 0.4 } })
    await sfu.ready()
    probe.cpu = 0.9
    await pass(6)
    await expect(sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })).rejects.toMatchObject({ code: 'overloaded' })
    await sfu.close()
  })

  it('takes layers from its viewers before, if it shall, and gives them back', async () => {
    const { sfu, engine, probe, pass } = measured({ overload: { lowerLayersFirst: true } })
    await sfu.ready()
    probe.cpu = 1
    await pass(5)
    expect([engine.loweredLayers, sfu.load().loweredLayers, sfu.load().overloaded]).toEqual([1, 1, false])
    await pass(3)
    expect([engine.loweredLayers, sfu.load().overloaded]).toEqual([2, false])
    await pass(3)
    expect(sfu.load().overloaded).toBe(true)
    probe.cpu = 0
    await pass(40)
    expect([engine.loweredLayers, sfu.load().overloaded]).toEqual([0, false])
    await sfu.close()
  })

  it('notices a shard that does not even answer', async () => {
    const { sfu, engine, told, pass } = measured()
    await sfu.ready()
    await pass(3)
    engine.isStuck = true
    await pass(7)
    expect(told).toEqual([expect.stringMatching(/^overloaded: delay of the event loop of shard 0: \d000 ms/)])
    await sfu.close()
  })

  it('never is, if there shall be no limits', async () => {
    const { sfu, probe, told, pass } = measured({ overload: false })
    await sfu.ready()
    probe.cpu = 1
    await pass(20)
    expect([told, sfu.load().cpu]).toEqual([[], 1])
    await sfu.close()
  })
})
