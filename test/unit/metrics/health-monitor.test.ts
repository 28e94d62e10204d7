import diagnosticsChannel from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import type { SessionStats } from '../../../src/broadcast/stats.js'
import { type HealthChange, type HealthSession, health } from '../../../src/metrics/health-monitor.js'
import type { HealthOptions } from '../../../src/metrics/health-options.js'
import { metrics } from '../../../src/metrics/metrics.js'
import type { HealthStats } from '../../../src/metrics/session-health.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { viewerStats } from '../../support/health-stats.js'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** So many viewers, whose snapshots are what `stats` has for them. */
function scene(count: number, options: HealthOptions = {}) {
  const clock = new VirtualClock()
  const stats = new Map<string, HealthStats>()
  const looks: { id: string; atMs: number }[] = []
  for (let i = 0; i < count; i++) stats.set(`s${i}`, viewerStats({ packetsSent: 1 }, { layers: [] }))
  const sessions = (): HealthSession[] =>
    [...stats].map(([id, { role, state }]) => ({
      id,
      role,
      state,
      broadcast: 'b',
      info: () => ({ id, role, broadcast: 'b', state, createdAt: 0, roles: [], metadata: {} }),
      stats: async () => {
        looks.push({ id, atMs: clock.nowMs() })
        const now = stats.get(id)
        return now && ({ id, broadcast: 'b', ...now } as SessionStats)
      },
    }))
  const monitor = health({ sessions }, options, { time: clock })
  const changes: HealthChange[] = []
  monitor.on('change', (change) => changes.push(change))
  return {
    clock,
    stats,
    looks,
    monitor,
    changes,
    async pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 200) {
        clock.advance(200)
        await settled()
      }
    },
  }
}

const bad = viewerStats({ packetsSent: 1, rttMs: 1200 }, { layers: [] })
const worse = { ...bad, state: 'disconnected' as const }

describe('a health monitor', () => {
  it('tells when a session becomes good, fair or bad, and only then', async () => {
    const { stats, changes, monitor, pass } = scene(2, { intervalMs: 1000 })
    await pass(2000)
    expect(changes).toEqual([])
    expect(monitor.of('s0')).toMatchObject({ score: 5, level: 'good' })
    stats.set('s0', bad)
    await pass(4000)
    stats.set('s0', worse)
    await pass(4000)
    stats.set('s0', viewerStats({ packetsSent: 1 }, { layers: [] }))
    await pass(4000)
    expect(changes.map(({ session, before, health }) => [session.id, before?.level, health.level])).toEqual([
      ['s0', 'good', 'fair'],
      ['s0', 'fair', 'bad'],
      ['s0', 'bad', 'good'],
    ])
  })

  it('tells of a session that is bad from the start', async () => {
    const { stats, changes, pass } = scene(0)
    stats.set('x', worse)
    await pass(1000)
    expect(changes).toMatchObject([{ session: { id: 'x' }, before: undefined, health: { level: 'bad' } }])
  })

  it('looks at each once in an interval', async () => {
    const { looks, pass } = scene(5, { intervalMs: 10_000 })
    await pass(30_200)
    expect(looks.filter(({ id }) => id === 's3')).toHaveLength(4)
    expect(looks).toHaveLength(20)
  })

  it('looks at no more in a second than it may, however many there are', async () => {
    const { looks, pass } = scene(1000, { intervalMs: 1000, maxPerSecond: 50 })
    await pass(10_000)
    for (let second = 0; second < 10; second++) {
      const within = looks.filter(({ atMs }) => atMs > second * 1000 && atMs <= (second + 1) * 1000)
      expect(within.length).toBeLessThanOrEqual(50)
    }
    expect(new Set(looks.map(({ id }) => id)).size).toBe(500)
    expect(looks.length).toBe(500)
    await pass(11_000)
    expect(new Set(looks.map(({ id }) => id)).size).toBe(1000)
  })

  it('can be slower than once a step', async () => {
    const { looks, pass } = scene(10, { intervalMs: 1000, maxPerSecond: 1 })
    await pass(5000)
    expect(looks.length).toBe(5)
  })

  it('forgets those that have ended, and passes over those that connect', async () => {
    const { stats, monitor, looks, pass } = scene(1, { intervalMs: 1000 })
    await pass(1000)
    expect(monitor.of('s0')?.score).toBe(5)
    stats.delete('s0')
    stats.set('new', { ...bad, state: 'connecting' })
    await pass(4000)
    expect(monitor.of('s0')).toBeUndefined()
    expect(looks.some(({ id }) => id === 'new')).toBe(false)
  })

  it('looks no more once it is closed', async () => {
    const { looks, monitor, pass } = scene(3, { intervalMs: 1000 })
    monitor.close()
    await pass(5000)
    expect(looks).toEqual([])
  })

  it('publishes its changes, if anybody has subscribed', async () => {
    const published: unknown[] = []
    const subscriber = (message: unknown): void => void published.push(message)
    diagnosticsChannel.subscribe('manycast:session:health', subscriber)
    const { stats, changes, pass } = scene(0)
    stats.set('x', worse)
    await pass(1000)
    diagnosticsChannel.unsubscribe('manycast:session:health', subscriber)
    expect(published).toEqual(changes)
    expect(published).toHaveLength(1)
  })

  it('says in the metrics how many sessions have which score', async () => {
    const { stats, monitor, pass } = scene(3)
    stats.set('x', bad)
    await pass(2000)
    const read = metrics(fakeSfu().sfu, { health: monitor })
    const family = (await read.collect()).find(({ name }) => name === 'manycast_session_health')
    const samples = family?.samples.map((sample) => [
      ...Object.values(sample.labels),
      'value' in sample && sample.value,
    ])
    expect(samples).toContainEqual(['viewer', '5', 3])
    expect(samples).toContainEqual(['viewer', '2', 1])
    expect(samples).toContainEqual(['publisher', '5', 0])
  })

  it.each([
    [{ intervalMs: 10 }, 'intervalMs'],
    [{ maxPerSecond: 0 }, 'maxPerSecond'],
  ])('refuses %o', (options, option) => {
    expect(() => scene(1, options)).toThrow(expect.objectContaining({ code: 'option-invalid', details: { option } }))
  })
})
