/** Two hosts on one wire, by network namespaces of Linux: nothing of it is to be seen outside of them. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server at 10.9.0.1, and a client whose address can change. */
export interface TwoHosts {
  /** What to put in front of a command line to run it on the server. */
  readonly onServer: readonly string[]
  /** An executable that runs `path` on the client. */
  onClient(path: string): string
  /** Takes the client's address away and gives it 10.9.0.`host`. */
  moveClient(host: number): void
  remove(): void
}

/** Undefined where there are no namespaces, or not for this user. */
export function twoHosts(): TwoHosts | undefined {
  const [server, client] = [`manycast-s${process.pid}`, `manycast-c${process.pid}`]
  const folder = mkdtempSync(join(tmpdir(), 'manycast-hosts-'))
  const remove = () => {
    for (const name of [server, client]) ip(`netns del ${name}`, true)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const name of [server, client]) {
      ip(`netns add ${name}`)
      ip(`-n ${name} link set lo up`)
    }
    ip(`link add wire netns ${server} type veth peer name wire netns ${client}`)
    ip(`-n ${server} addr add 10.9.0.1/24 dev wire`)
    for (const name of [server, client]) ip(`-n ${name} link set wire up`)
  } catch {
    remove()
    return undefined
  }
  return {
    onServer: ['ip', 'netns', 'exec', server],
    onClient(path) {
      const script = join(folder, 'run')
      writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${client} '${path}' "$@"\n`)
      chmodSync(script, 0o755)
      return script
    },
    moveClient(host) {
      ip(`-n ${client} addr flush dev wire`)
      ip(`-n ${client} addr add 10.9.0.${host}/24 dev wire`)
      // Browsers bind to the address of the default route.
      ip(`-n ${client} route replace default via 10.9.0.1`)
    },
    remove,
  }
}

function ip(args: string, mayFail = false): void {
  try {
    execFileSync('ip', args.split(' '), { stdio: 'ignore' })
  } catch (error) {
    if (!mayFail) throw error
  }
}
