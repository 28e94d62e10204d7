/** `npm run fuzz`: random and mutated input for everything that reads what others send. Exits with 1 if an oracle was broken. */
import { readFileSync } from 'node:fs'
import { fuzzOptions, USAGE } from './engine/fuzz-options.mjs'
import { runTarget } from './engine/run-target.mjs'
import { loadTarget, TARGET_NAMES } from './targets/index.mjs'

const options = fuzzOptions(process.argv.slice(2))
const names = options.targets ?? TARGET_NAMES
const unknown = names.filter((name) => !TARGET_NAMES.includes(name))
if (options.help) console.log(USAGE)
else if (options.list) console.log(TARGET_NAMES.join('\n'))
else if (unknown.length > 0) {
  console.error(`no such target: ${unknown.join(', ')}; there are ${TARGET_NAMES.join(', ')}`)
  process.exitCode = 2
} else if (options.replay !== undefined) await replay(options.replay, names)
else await fuzz()

async function replay(file, [name, ...more]) {
  if (more.length > 0) throw new Error('--replay needs --target with one name')
  const target = await loadTarget(name)
  await target.run(readFileSync(file))
  console.log('nothing was broken')
}

async function fuzz() {
  const { seed, inputs, seconds, save } = options
  console.log(`seed ${seed}`)
  console.log('target       inputs     per s  branches  corpus  slowest ms  grown MiB')
  let total = 0
  let broken = 0
  for (const name of names) {
    const maxInputs = inputs ?? Number.POSITIVE_INFINITY
    const milliseconds = inputs === undefined ? (seconds * 1000) / names.length : Number.POSITIVE_INFINITY
    const result = await runTarget({ name, seed, maxInputs, milliseconds, save })
    total += result.inputs
    broken += result.findings.length
    console.log(line(result))
    for (const { file, text } of result.findings) {
      console.error(`\n${name}: ${text}\nreplay: npm run fuzz -- --target ${name} --replay ${file}\n`)
    }
  }
  console.log(`${total} inputs, ${broken} findings`)
  process.exitCode = broken === 0 ? 0 : 1
}

function line({ name, inputs, perSecond = 0, branches = 0, corpus = 0, slowestMs = 0, grownBytes = 0 }) {
  const cells = [
    inputs,
    perSecond.toFixed(0),
    branches,
    corpus,
    slowestMs.toFixed(1),
    (grownBytes / 2 ** 20).toFixed(1),
  ]
  const widths = [9, 9, 9, 7, 11, 10]
  return name.padEnd(10) + cells.map((cell, i) => String(cell).padStart(widths[i])).join(' ')
}
