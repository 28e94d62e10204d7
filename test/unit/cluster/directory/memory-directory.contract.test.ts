import { expect, it } from 'vitest'
import { memoryDirectory } from '../../../../src/cluster/directory/memory-directory.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'
import { directoryContract } from '../../../contract/directory-contract.js'

directoryContract('the directory in memory', async () => {
  const clock = new VirtualClock()
  const directory = memoryDirectory({ clock })
  return { a: directory, b: directory, pass: async (ms) => clock.advance(ms), close: () => directory.close() }
})

it('gives out larger tokens than the process before', async () => {
  const claim = { broadcast: 'b', publisher: 'p', nodeId: 'n', url: 'http://n', ttlMs: 1000, takeover: false }
  const before = await memoryDirectory({ clock: new VirtualClock() }).claim(claim)
  const after = await memoryDirectory({ clock: new VirtualClock(1) }).claim(claim)
  const later = await memoryDirectory({ clock: new VirtualClock(0, Date.UTC(2026, 0, 1) + 1) }).claim(claim)
  expect(before.won && after.won && later.won).toBe(true)
  if (before.won && later.won) expect(later.lease.token).toBeGreaterThan(before.lease.token)
})
