/** Which core a child runs on: the server on one, the clients on another, where the machine and its tools allow it. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const SERVER_CORE = 0
const CLIENT_CORE = 1

/** Whether children are pinned to cores here. */
export const canPin =
  availableParallelism() >= 2 &&
  process.platform === 'linux' &&
  spawnSync('taskset', ['-c', `${SERVER_CORE},${CLIENT_CORE}`, 'true'], { stdio: 'ignore' }).status === 0

/**
 * The command that runs `argv` on the core of that role, if the role has one. `taskset` replaces itself by the command, so the pid stays that of the child.
 *
 * @param {'server' | 'client' | 'any'} role
 * @param {string[]} argv
 * @returns {string[]}
 */
export function pinned(role, argv) {
  return canPin && role !== 'any'
    ? ['taskset', '-c', String(role === 'server' ? SERVER_CORE : CLIENT_CORE), ...argv]
    : argv
}
