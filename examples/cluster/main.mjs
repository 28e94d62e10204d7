/** A cluster on one machine: three nodes and a Redis, each a process of its own, to publish to, to watch, and to kill. */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { adminKey, clusterNode } from './cluster-node.mjs'
import { freePorts } from './free-ports.mjs'
import { ProcessGroup } from './process-group.mjs'
import { startRedis } from './redis.mjs'

const NODES = 3

const { values, positionals } = parseArgs({ options: { redis: { type: 'string' } }, allowPositionals: true })

const group = new ProcessGroup()
let end
const ended = new Promise((resolve) => {
  end = resolve
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0))

/** Redis, the nodes, and what to do with them. Rejects if one of them does not start. */
async function start() {
  const redis = values.redis ?? (await startRedis(group))
  const first = Number(process.env.PORT || 8081)
  const ports = first === 0 ? await freePorts(NODES) : Array.from({ length: NODES }, (_, index) => first + index)
  // What follows "--" goes to every node: node examples/cluster/main.mjs -- --publish-key …
  const nodes = ports.map((port, index) => clusterNode(group, { number: index + 1, port, redis, args: positionals }))
  await Promise.all(nodes.map((node) => node.start()))

  for (const { number, pid, url } of nodes) {
    console.log(`\nNode ${number} (process ${pid})`)
    console.log(`  Publish   ${url}/publish/main    WHIP ${url}/whip/main`)
    console.log(`  Watch     ${url}/watch/main      WHEP ${url}/whep/main`)
    console.log(`  Dashboard ${url}/dashboard       Metrics ${url}/metrics`)
  }
  console.log(`\nAdmin key ${adminKey} (bearer token of /admin)`)
  console.log('\nPublish on one, watch on another. Then type, and press Enter:')
  console.log('  k 2    kills node 2 (SIGKILL)      d 2    drains it: its clients go elsewhere, then it ends')
  console.log('  s 2    starts it again             Ctrl+C ends everything\n')

  const commands = { k: (node) => node.kill(), d: (node) => node.drain(), s: (node) => node.start() }
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [, letter, number] = /^\s*([kds])\s*(\d+)\s*$/.exec(line) ?? []
    const node = nodes[number - 1]
    if (node !== undefined) Promise.resolve(commands[letter](node)).catch((error) => console.error(error.message))
    else if (line.trim() !== '') console.log(`Type k, d or s, and the number of a node (1 to ${NODES}).`)
  })
}

start().catch((error) => {
  if (!group.isClosing) console.error(error.message)
  end(1)
})
process.exitCode = await ended
await group.close()
process.exit()
