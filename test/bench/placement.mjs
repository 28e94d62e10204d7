/** The simulation of placement at full size in every scene: 1,000 nodes, a million viewers. Prints the figures; takes some minutes. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const args = [
  'run',
  '--config',
  'test/vitest.config.ts',
  '--project',
  'simulation',
  'test/simulation/cluster-placement.test.ts',
]
const { status } = spawnSync('node', ['node_modules/vitest/vitest.mjs', ...args, '--disable-console-intercept'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, MANYCAST_FULL_SIZE: '1' },
})
process.exitCode = status ?? 1
