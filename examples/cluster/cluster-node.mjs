/** One node: `manycast serve --cluster` as a process of its own. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packageFile = import.meta.resolve('manycast/package.json')
const { bin } = JSON.parse(readFileSync(new URL(packageFile), 'utf8'))
const command = fileURLToPath(new URL(bin.manycast, packageFile))

/** What opens the admin API of all nodes. */
export const adminKey = process.env.ADMIN_KEY || randomBytes(16).toString('base64url')

// By environment, as everybody on a machine sees its command lines.
const secrets = { CLUSTER_SECRET: randomBytes(32).toString('base64url'), ADMIN_KEY: adminKey }

/** A node that can be started, killed, drained and started again. `redis` is a URL, `args` are further options of `manycast serve`. */
export function clusterNode(group, { number, port, redis, args }) {
  const name = `node ${number}`
  const url = `http://127.0.0.1:${port}`
  const options = ['serve', '--port', `${port}`, '--node-url', url, '--metrics', '--drain-timeout', '10', ...args]
  const env = { ...process.env, ...secrets, CLUSTER_URL: redis, UDP_PORT: '0' }
  let child
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const send = (signal) => {
    if (isRunning()) child.kill(signal)
    else console.log(`${name} is not running`)
  }
  return {
    number,
    url,
    get pid() {
      return child?.pid
    },
    async start() {
      if (isRunning()) return console.log(`${name} is running already`)
      child = group.spawn(name, process.execPath, [command, ...options], env)
      await group.whenSaid(child, name, /is running/)
      console.log(`${name} has started, process ${child.pid}`)
    },
    kill: () => send('SIGKILL'),
    drain: () => send('SIGTERM'),
  }
}
