/** A Redis of the example's own: on a free port of this machine, with nothing on disk. */
import { spawnSync } from 'node:child_process'
import { freePorts } from './free-ports.mjs'

const MISSING = `There is no redis-server on this machine. Any of these helps:
  sudo apt install redis-server     (Debian, Ubuntu)
  brew install redis                (macOS)
  docker run -p 6379:6379 redis:7   and then: node examples/cluster/main.mjs --redis redis://127.0.0.1:6379`

/** Resolves with its URL when it takes connections. */
export async function startRedis(group) {
  if (spawnSync('redis-server', ['--version']).status !== 0) throw new Error(MISSING)
  const [port] = await freePorts(1)
  const redis = group.spawn('Redis', 'redis-server', [
    ...['--bind', '127.0.0.1', '--port', `${port}`, '--save', '', '--appendonly', 'no'],
  ])
  await group.whenSaid(redis, 'Redis', /ready to accept connections/i)
  console.log(`Redis has started at redis://127.0.0.1:${port}, process ${redis.pid}`)
  return `redis://127.0.0.1:${port}`
}
