import { describe, expect, it } from 'vitest'
import { OriginTable } from '../../../src/engine/origin-table.js'

function table() {
  const changes: string[] = []
  const origins = new OriginTable((broadcast, feed, origin) =>
    changes.push(`${broadcast} ${feed} ${origin?.peerId ?? 'nobody'}`),
  )
  return { changes, origins }
}

describe('OriginTable', () => {
  it('makes the publisher that connected last the source', () => {
    const { origins, changes } = table()
    origins.add('a', 'main', { shard: 0, peerId: 'p1' })
    origins.add('a', 'main', { shard: 1, peerId: 'p2' })
    expect(origins.feeds('a')).toEqual([{ feed: 'main', origin: { shard: 1, peerId: 'p2' } }])
    expect(changes).toEqual(['a main p1', 'a main p2'])
  })

  it('goes back to the one before when the source goes', () => {
    const { origins, changes } = table()
    origins.add('a', 'main', { shard: 0, peerId: 'p1' })
    origins.add('a', 'main', { shard: 1, peerId: 'p2' })
    origins.remove('a', 'main', 'p2')
    expect(origins.feeds('a')).toMatchObject([{ origin: { peerId: 'p1' } }])
    origins.remove('a', 'main', 'p1')
    expect(origins.feeds('a')).toEqual([])
    expect(changes).toEqual(['a main p1', 'a main p2', 'a main p1', 'a main nobody'])
  })

  it('keeps publishers of different names side by side', () => {
    const { origins, changes } = table()
    origins.add('a', 'camera', { shard: 0, peerId: 'p1' })
    origins.add('a', 'slides', { shard: 0, peerId: 'p2' })
    expect(origins.feeds('a').map(({ feed }) => feed)).toEqual(['camera', 'slides'])
    origins.remove('a', 'camera', 'p1')
    expect(origins.feeds('a').map(({ feed }) => feed)).toEqual(['slides'])
    expect(changes).toEqual(['a camera p1', 'a slides p2', 'a camera nobody'])
  })

  it('says nothing when a publisher that is not the source goes', () => {
    const { origins, changes } = table()
    origins.add('a', 'main', { shard: 0, peerId: 'p1' })
    origins.add('a', 'main', { shard: 0, peerId: 'p2' })
    origins.remove('a', 'main', 'p1')
    origins.remove('a', 'main', 'never-connected')
    origins.remove('b', 'main', 'p2')
    expect(changes).toHaveLength(2)
  })
})
