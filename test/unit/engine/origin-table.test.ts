import { describe, expect, it } from 'vitest'
import { type Origin, OriginTable } from '../../../src/engine/origin-table.js'

function table() {
  const changes: [string, Origin | undefined][] = []
  return { changes, origins: new OriginTable((broadcast, origin) => changes.push([broadcast, origin])) }
}

describe('OriginTable', () => {
  it('makes the publisher that connected last the source', () => {
    const { origins, changes } = table()
    origins.add('a', { shard: 0, peerId: 'p1' })
    origins.add('a', { shard: 1, peerId: 'p2' })
    expect(origins.get('a')).toEqual({ shard: 1, peerId: 'p2' })
    expect(changes.map(([, origin]) => origin?.peerId)).toEqual(['p1', 'p2'])
  })

  it('goes back to the one before when the source goes', () => {
    const { origins, changes } = table()
    origins.add('a', { shard: 0, peerId: 'p1' })
    origins.add('a', { shard: 1, peerId: 'p2' })
    origins.remove('a', 'p2')
    expect(origins.get('a')?.peerId).toBe('p1')
    origins.remove('a', 'p1')
    expect(origins.get('a')).toBeUndefined()
    expect(changes.map(([, origin]) => origin?.peerId)).toEqual(['p1', 'p2', 'p1', undefined])
  })

  it('says nothing when a publisher that is not the source goes', () => {
    const { origins, changes } = table()
    origins.add('a', { shard: 0, peerId: 'p1' })
    origins.add('a', { shard: 0, peerId: 'p2' })
    origins.remove('a', 'p1')
    origins.remove('a', 'never-connected')
    origins.remove('b', 'p2')
    expect(changes).toHaveLength(2)
  })
})
