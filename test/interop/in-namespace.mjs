/**
 * A network of its own (Linux), with an address that is not loopback: Firefox takes no loopback candidates, and libnice none while there
 * are others. Nothing of it reaches the network of the machine.
 */
import { spawn, spawnSync } from 'node:child_process'

/** Of the media; from a range that is for tests of networks (RFC 2544). */
const ADDRESS = '198.18.0.1'

// What sends to the default route goes nowhere; libraries look at it to find out which address is theirs.
const SETUP = `ip link set lo up &&
ip link add interop0 type veth peer name interop1 &&
ip link set interop1 up &&
ip addr add ${ADDRESS}/24 dev interop0 &&
ip link set interop0 up &&
ip route add default dev interop0`

/** The address to listen at; undefined if this does not run in such a network. */
export const namespaceAddress = process.env.INTEROP_ADDRESS

/** Runs Node with `args` in such a network, and resolves to the exit code; undefined where there is none to be had. */
export async function runInNamespace(args) {
  const unshare = ['--net', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), 'sh', '-c']
  if (spawnSync('unshare', [...unshare, SETUP]).status !== 0) return undefined
  const again = [...unshare, `${SETUP} && exec "$@"`, 'sh', process.execPath, ...args]
  const child = spawn('unshare', again, { stdio: 'inherit', env: { ...process.env, INTEROP_ADDRESS: ADDRESS } })
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}
