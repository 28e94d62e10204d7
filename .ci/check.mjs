/** `npm run check`: everything that can be said about the code without running it. All steps run; one that fails, fails it all. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepare } from './prepare.mjs'
import { root, runNode, say } from './steps.mjs'

prepare()

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The sources behind the package's entry points; every exported name in them has to be documented. */
const entries = Object.values(exports)
  .map((entry) => entry.types)
  .filter((types) => types !== undefined)
  .map((types) => types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '.ts'))

const bin = (...path) => join(root, 'node_modules', ...path)
const steps = [
  ['format, lint, import cycles (biome)', [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings']],
  ['types of src', [bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json']],
  ['types of the client', [bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'src/client/tsconfig.json']],
  ['types of test and examples', [bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'test/tsconfig.json']],
  [
    'house rules: who imports whom, sizes, names',
    [bin('vitest', 'vitest.mjs'), 'run', '--config', 'test/vitest.config.ts', '--project', 'unit', 'test/unit/house'],
  ],
  ['the package (publint)', [bin('publint', 'src', 'cli.js'), '--strict']],
  [
    'types of the package (attw)',
    [bin('@arethetypeswrong', 'cli', 'dist', 'index.js'), '--pack', '.', '--profile', 'esm-only'],
  ],
  ['size of the client', ['.ci/client-size.mjs']],
  [
    'docstrings of the public names (typedoc)',
    [bin('typedoc', 'bin', 'typedoc'), '--options', '.ci/typedoc.json', ...entries],
  ],
]

const failed = []
for (const [name, args] of steps) {
  say(`\n--- ${name}`)
  if (runNode(args) !== 0) failed.push(name)
}
say(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
