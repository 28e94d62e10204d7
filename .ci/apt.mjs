/** Installs what tests need beside Node with Debian's package manager, where that is possible. */
import { readFileSync } from 'node:fs'
import { run, say } from './steps.mjs'

/** Installs packages; false where that is not possible: no Debian, or no right to. */
export function aptInstall(packages, why) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !isDebian()) return false
  say(`Installing ${why} (apt-get install ${packages.join(' ')}) ...`)
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, quiet: true, timeoutMs: 600_000 }
  run('apt-get', ['update', '-q'], options)
  return run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options) === 0
}

function isDebian() {
  try {
    return /^ID(?:_LIKE)?=.*(?:debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}
