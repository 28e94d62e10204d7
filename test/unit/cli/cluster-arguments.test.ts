/** The options of the command that make a server a node of a cluster. */
import { describe, expect, it } from 'vitest'
import { type ClusterValues, clusterArguments } from '../../../src/cli/cluster-arguments.js'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { connectRedis, type RedisPackages } from '../../../src/cli/redis-client.js'

const SECRET = 'a secret that all nodes of a cluster know'
const BASE = { cluster: 'redis://:hunter3@10.9.9.9', 'node-url': 'http://a.example.org' }

describe('--cluster', () => {
  it('takes the rest of it along', () => {
    const more = { region: 'eu', capacity: '200', 'cluster-secret': SECRET, placement: 'balance' }
    expect(clusterArguments({ ...BASE, ...more }, {}, true)).toEqual({
      redisUrl: BASE.cluster,
      nodeUrl: BASE['node-url'],
      region: 'eu',
      capacity: 200,
      secret: SECRET,
      placement: 'balance',
    })
  })

  it('may stand in the environment, where nobody sees the secret', () => {
    const env = { CLUSTER_URL: BASE.cluster, NODE_URL: BASE['node-url'], CLUSTER_SECRET: SECRET }
    expect(clusterArguments({}, env, true)).toEqual({
      redisUrl: BASE.cluster,
      nodeUrl: BASE['node-url'],
      secret: SECRET,
    })
    expect(clusterArguments({}, { CLUSTER_URL: '', NODE_URL: BASE['node-url'] }, false)).toBeUndefined()
  })

  it.each<[RegExp, ClusterValues, boolean?]>([
    [/--region needs --cluster/, { region: 'eu' }],
    [/--cluster needs --node-url/, { cluster: BASE.cluster }],
    [/--cluster must be the URL of a Redis/, { ...BASE, cluster: 'memory:' }],
    [/--node-url must be an http or https URL/, { ...BASE, 'node-url': 'a.example.org' }],
    [/--placement must be local or balance/, { ...BASE, placement: 'best' }],
    [/--capacity must be a number/, { ...BASE, capacity: '0' }],
    [/--cluster-secret must have at least 32 characters/, { ...BASE, 'cluster-secret': 'hunter2' }],
    [/--cluster needs --cluster-secret/, BASE, true],
  ])('refuses what cannot be: %s', (message, values, isProtected = false) => {
    expect(() => clusterArguments(values, {}, isProtected)).toThrow(message)
    expect(() => clusterArguments(values, {}, isProtected)).not.toThrow(/hunter2|hunter3|10\.9/)
  })

  it('is part of serve, and knows whether the server is protected', () => {
    const args = ['serve', '--cluster', BASE.cluster, '--node-url', BASE['node-url']]
    expect(parseArguments(args)).toMatchObject({ cluster: { redisUrl: BASE.cluster } })
    expect(() => parseArguments([...args, '--publish-key', 'sixteen-characters'])).toThrow(/needs --cluster-secret/)
    expect(parseArguments(['serve'])).not.toHaveProperty('cluster')
  })
})

describe('the client of Redis', () => {
  const missing = async (): Promise<never> => {
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  }

  it('is one of two packages, and says which one is to be installed where there is none', async () => {
    const none: RedisPackages = { redis: missing, ioredis: missing }
    const expected = { code: 'package-missing', message: expect.stringContaining('npm install redis') }
    await expect(connectRedis('redis://127.0.0.1:1', none)).rejects.toMatchObject(expected)
  })

  it('hands on what else is wrong with a package', async () => {
    const broken = async (): Promise<never> => {
      throw new SyntaxError('broken')
    }
    await expect(connectRedis('redis://127.0.0.1:1', { redis: broken, ioredis: missing })).rejects.toThrow('broken')
  })

  it.each(['redis', 'ioredis'] as const)('starts with %s while Redis is away', async (name) => {
    const packages = { redis: () => import('redis'), ioredis: () => import('ioredis') }
    const only: RedisPackages = { redis: missing, ioredis: missing, [name]: packages[name] }
    // Nothing listens there.
    const connection = await connectRedis('redis://127.0.0.1:1', only)
    connection.close()
  })
})
