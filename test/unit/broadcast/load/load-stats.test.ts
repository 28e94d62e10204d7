import { describe, expect, it } from 'vitest'
import { type LoadSample, loadFigures } from '../../../../src/broadcast/load/load-stats.js'
import { DEFAULT_OVERLOAD, resolveOverload } from '../../../../src/broadcast/load/overload-options.js'
import { judgeLoad } from '../../../../src/broadcast/load/overload-reasons.js'
import { receiveDropsOf } from '../../../../src/broadcast/load/receive-drops.js'

const MIB = 2 ** 20

function sample(
  atMs: number,
  more: { cpuMs?: number; out?: number; drops?: number; activeMs?: number } = {},
): LoadSample {
  const { cpuMs = 0, out = 0, drops = 0, activeMs = 0 } = more
  const thread = {
    eventLoopDelayMs: 1,
    activeMs,
    idleMs: atMs - activeMs,
    heapUsedBytes: 10 * MIB,
    heapLimitBytes: 100 * MIB,
  }
  return {
    atMs,
    process: {
      cpuMs,
      cores: 2,
      rssBytes: 200 * MIB,
      control: { ...thread, heapUsedBytes: 50 * MIB },
      receiveDrops: drops,
    },
    shards: [{ ...thread, shard: 0, port: 7000, datagramsIn: 0, datagramsOut: out, eventLoopDelayMs: 12 }],
  }
}

describe('figures of the load', () => {
  it('are what has happened between two samples', () => {
    const figures = loadFigures(
      sample(1000, { cpuMs: 100, out: 1000, drops: 5, activeMs: 100 }),
      sample(3000, { cpuMs: 2100, out: 7000, drops: 45, activeMs: 1600 }),
    )
    expect(figures).toEqual({
      cpu: 0.5,
      eventLoopDelayMs: { control: 1, shards: [12] },
      shardUtilization: [0.75],
      rssBytes: 200 * MIB,
      heapUsedBytes: 50 * MIB,
      heapLimitBytes: 100 * MIB,
      packetsPerSecondIn: 0,
      packetsPerSecondOut: 3000,
      udpReceiveDropsPerSecond: 20,
    })
  })

  it('do not leap when a shard was replaced and counts from zero again, or is new', () => {
    const before = sample(1000, { out: 5000 })
    expect(loadFigures(before, sample(2000, { out: 100 })).packetsPerSecondOut).toBe(0)
    expect(loadFigures({ ...before, shards: [] }, sample(2000, { out: 9000 })).packetsPerSecondOut).toBe(0)
  })

  it('are held against the limits, and what is over them is said in words', () => {
    const figures = { ...loadFigures(sample(0), sample(1000, { cpuMs: 1990 })), packetsPerSecondOut: 30_000 }
    const limits = resolveOverload({ maxCpu: 0.9, maxPacketsPerSecondOut: 20_000 })
    const { utilization, reasons } = judgeLoad(figures, limits)
    expect(utilization).toBe(1.5)
    expect(reasons).toEqual(['CPU: 100 %, at most 90 %', 'packets sent: 30000 per second, at most 20000 per second'])
  })

  it('know nothing that is too much where there is no limit', () => {
    const figures = loadFigures(sample(0), sample(1000, { cpuMs: 9e9, drops: 9e9 }))
    expect(judgeLoad(figures, resolveOverload(false))).toEqual({ utilization: 0, reasons: [] })
  })
})

describe('drops of the kernel', () => {
  const list = (lines: string) =>
    `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n${lines}`
  const v4 = list(
    '  414: 00000000:1B58 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 18464 2 0000000000000000 37        \n' +
      '  415: 0100007F:1B59 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 18465 2 0000000000000000 900\n',
  )
  const v6 = list(
    '  9: 00000000000000000000000000000000:1B58 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 1000 0 18466 2 0000000000000000 5\n',
  )

  it('are those of our own ports, in both lists', () => {
    expect(receiveDropsOf([v4, v6], [7000])).toBe(42)
    expect(receiveDropsOf([v4, undefined], [7000, 7001])).toBe(937)
    expect(receiveDropsOf([v4, v6], [])).toBe(0)
  })

  it('are unknown where there is no such list', () => {
    expect(receiveDropsOf([undefined, undefined], [7000])).toBe(undefined)
  })
})

describe('options of the overload', () => {
  it('have defaults', () => {
    expect(resolveOverload(undefined)).toEqual(DEFAULT_OVERLOAD)
    expect(DEFAULT_OVERLOAD.maxRssBytes).toBeGreaterThan(0)
    expect(Number.isFinite(DEFAULT_OVERLOAD.maxRssBytes)).toBe(true)
  })

  it.each([
    { maxCpu: 0 },
    { maxCpu: Number.NaN },
    { lowerLayersFirst: 1 },
    { overloadedAfterMs: -1 },
    { recoverBelow: 2 },
    7,
  ])('refuse %j', (options) => {
    expect(() => resolveOverload(options as never)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})
