/** `npm run interop [client ...]`: builds what is tested, installs what only these tests need, and runs them, in a network of their own if there is one. */
import { join } from 'node:path'
import { prepare } from '../../.ci/prepare.mjs'
import { root, runNode, runNpm, stop } from '../../.ci/steps.mjs'
import { runInNamespace } from './in-namespace.mjs'

const folder = join(root, 'test', 'interop')

prepare()
if (runNpm(['ci', '--prefix', folder, '--no-audit', '--no-fund'], { quiet: true }) !== 0) {
  stop('npm ci failed in test/interop, see above; is the package registry reachable?')
}
const args = [join(folder, 'run.mjs'), ...process.argv.slice(2)]
process.exitCode = (await runInNamespace(args)) ?? runNode(args)
