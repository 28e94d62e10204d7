/** A network of its own in which no UDP packet leaves, as in many offices: processes are started in it, and see no other. Linux only. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IS_ROOT = process.getuid?.() === 0
const OWN_NETWORK = IS_ROOT ? ['--net'] : ['--user', '--map-root-user', '--net']

// Loopback is looked up behind the rule that refuses UDP, not before it. IPv6 may be missing altogether.
const SET_UP = [
  'ip link set lo up',
  // A machine without any other network makes Chromium wait for one.
  'ip link add lan type veth peer name far',
  // An IPv6 address that comes up a second later is a change of network to Chromium, which then drops what it is loading.
  '(ip link set lan addrgenmode none && ip link set far addrgenmode none) 2>/dev/null || true',
  'ip addr add 10.77.0.2/24 dev lan',
  'ip link set lan up',
  'ip link set far up',
  'ip rule add pref 10 ipproto udp prohibit',
  'ip rule add pref 20 lookup local',
  'ip rule del pref 0',
  '(ip -6 rule add pref 10 ipproto udp prohibit && ip -6 rule add pref 20 lookup local && ip -6 rule del pref 0) 2>/dev/null || true',
].join(' && ')

const SENDS_UDP = `
const socket = require('node:dgram').createSocket('udp4')
socket.send('x', 9, '127.0.0.1', (error) => { socket.close(); process.exit(error ? 1 : 0) })`

/** True if this machine lets us make such a network. */
export function canBlockUdp(): boolean {
  if (process.platform !== 'linux') return false
  return spawnSync('unshare', [...OWN_NETWORK, 'sh', '-ec', SET_UP], { stdio: 'ignore' }).status === 0
}

/** A network without UDP. */
export interface UdpBlockedNetwork {
  /** Put in front of a command, it runs there. */
  readonly prefix: readonly string[]
  /** A program that starts `program` there, with the arguments that it gets. */
  wrapper(program: string): string
  close(): void
}

/** Makes one, and demands that UDP is blocked in it. */
export async function openUdpBlockedNetwork(): Promise<UdpBlockedNetwork> {
  const keeper = spawn('unshare', [...OWN_NETWORK, 'sh', '-ec', `${SET_UP}; echo ready; exec cat`])
  const folder = mkdtempSync(join(tmpdir(), 'manycast-udp-blocked-'))
  await once(keeper.stdout, 'data')
  const credentials = IS_ROOT ? [] : ['--user', '--preserve-credentials']
  const prefix = ['nsenter', '--target', String(keeper.pid), '--net', ...credentials]
  const [command = '', ...args] = [...prefix, process.execPath, '-e', SENDS_UDP]
  if (spawnSync(command, args).status !== 1) throw new Error('UDP is not blocked')
  return {
    prefix,
    wrapper(program) {
      const path = join(folder, 'wrapper.sh')
      writeFileSync(path, `#!/bin/sh\nexec ${prefix.join(' ')} ${program} "$@"\n`)
      chmodSync(path, 0o755)
      return path
    },
    close() {
      keeper.stdin.end()
      rmSync(folder, { recursive: true })
    },
  }
}
