/** What a node is told, checked. */
import { afterEach, describe, expect, it } from 'vitest'
import { Sfu } from '../../../src/broadcast/sfu.js'
import { cluster } from '../../../src/cluster/cluster.js'
import { type ClusterOptions, clusterConfig } from '../../../src/cluster/cluster-options.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'

const sfus: Sfu[] = []

afterEach(async () => {
  for (const sfu of sfus.splice(0)) await sfu.close()
})

describe('options of a cluster', () => {
  it('have defaults', () => {
    expect(clusterConfig({ nodeUrl: 'https://a.example.org/media/' })).toMatchObject({
      nodeUrl: 'https://a.example.org/media',
      region: '',
      capacity: 1000,
      leaseTtlMs: 5000,
      lingerMs: 10_000,
      ticketTtlMs: 30_000,
      alternates: 2,
      placement: { mode: 'local' },
      relays: { fanOut: 32, maxDepth: 4 },
    })
  })

  const url = { nodeUrl: 'http://a' }
  it.each<[string, Partial<ClusterOptions>]>([
    ['nodeUrl', { nodeUrl: undefined as never }],
    ['nodeUrl', { nodeUrl: 'ftp://a' }],
    ['nodeUrl', { nodeUrl: 'http://user:password@a' }],
    ['nodeUrl', { nodeUrl: 'http://a?x' }],
    ['region', { region: 'eu west' }],
    ['capacity', { capacity: 0 }],
    ['secret', { secret: 'too short' }],
    ['secret', { authorize: () => ({}) }],
    ['authorize', { authorize: 'everybody' as never }],
    ['leaseTtlMs', { leaseTtlMs: 499 }],
    ['lingerMs', { lingerMs: -1 }],
    ['ticketTtlMs', { ticketTtlMs: 10 }],
    ['alternates', { alternates: 11 }],
    ['placement.mode', { placement: { mode: 'elsewhere' as never } }],
    ['relays.fanOut', { relays: { fanOut: 0 } }],
  ])('refuse a wrong %s: %o', (option, wrong) => {
    const expected = expect.objectContaining({ code: 'option-invalid', details: expect.objectContaining({ option }) })
    expect(() => clusterConfig({ ...url, ...wrong })).toThrow(expected)
  })

  it('never show a secret that is refused', () => {
    expect(() => clusterConfig({ ...url, secret: 'hunter2' })).toThrow(/^(?!.*hunter2)/)
  })

  it('make a node that is alone without a directory', async () => {
    const sfu = new Sfu(TEST_OPTIONS)
    sfus.push(sfu)
    const node = cluster(sfu, url)
    await node.ready()
    expect(node.stats()).toMatchObject({ directoryReachable: true, nodes: [{ nodeId: node.nodeId, url: 'http://a' }] })
    await node.close()
    await node.close()
  })
})
