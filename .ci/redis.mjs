/** Redis for the tests of clusters; those tests are skipped where it neither is nor can be installed. */
import { spawnSync } from 'node:child_process'
import { aptInstall } from './apt.mjs'
import { say } from './steps.mjs'

/** Installs it if it is missing, as far as possible, and says so if tests will be skipped. */
export function installRedis() {
  if (spawnSync('redis-server', ['--version']).status === 0) return
  if (!aptInstall(['redis-server'], 'Redis for the tests of clusters')) {
    say('Without redis-server: the tests that need it are skipped.')
  }
}
