/** What the scripts of this folder share: saying what happens, running a program, stopping with one clear line. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Says what happens now; on stderr, because `npm pack --json` of a caller needs stdout for itself. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Ends the process with one clear line. */
export function stop(text) {
  say(`\nmanycast: ${text}`)
  process.exit(1)
}

/** Runs a program in the project and returns its exit code; its output goes to stderr where `quiet` asks for that. */
export function run(command, args, { env = {}, quiet = false, shell = false, timeoutMs } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    shell,
    stdio: ['ignore', quiet ? 2 : 'inherit', 'inherit'],
    timeout: timeoutMs,
  })
  return result.status ?? 1
}

/** Runs a script of node and returns its exit code. */
export function runNode(args, options) {
  return run(process.execPath, args, options)
}

/** Runs npm: the one that started us, so that it is found whatever the PATH. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath
  if (npm?.endsWith('.js')) return runNode([npm, ...args], options)
  return run('npm', args, { ...options, shell: process.platform === 'win32' })
}
