import { expect, it } from 'vitest'
import { readTotals } from '../../../../src/cli/dashboard/read-totals.js'
import { shardSums } from './shard-sums.js'

it('adds up the shards, and each broadcast on them', async () => {
  const asked: (readonly string[])[] = []
  const target = {
    summary: async (names: readonly string[]) => {
      asked.push(names)
      return { shards: [shardSums(1000, { a: 600, b: 400 }), shardSums(500, { a: 500 })] }
    },
  }
  const { whole, broadcasts } = await readTotals(target, ['a', 'b', 'c'])
  expect(asked).toEqual([['a', 'b', 'c']])
  expect(whole).toEqual({
    rtpPacketsIn: 15,
    rtpBytesIn: 1500,
    rtpPacketsOut: 30,
    rtpBytesOut: 3000,
    packetsLostIn: 1.5,
    packetsLostOut: 3,
  })
  expect([...broadcasts.keys()]).toEqual(['a', 'b'])
  expect(broadcasts.get('a')).toMatchObject({ rtpBytesIn: 1100, rtpBytesOut: 2200, packetsLostIn: 1.1 })
  expect(broadcasts.get('b')).toMatchObject({ rtpBytesIn: 400 })
})

it('is nothing where there is nothing', async () => {
  const { whole } = await readTotals({ summary: async () => ({ shards: [] }) }, [])
  expect(Object.values(whole)).toEqual([0, 0, 0, 0, 0, 0])
})
