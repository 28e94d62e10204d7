/** The options of `npm run fuzz`. */
import { parseArgs } from 'node:util'

export const USAGE = `npm run fuzz -- [options]

  --seconds <n>     how long, all targets together (default 60)
  --inputs <n>      how many inputs for each target, instead of a time: the same seed then gives the same inputs
  --target <names>  only these, with commas between them
  --seed <n>        default: from the clock; it is printed
  --save            take what reaches new code into the corpus (test/fuzz/corpus)
  --replay <file>   run a saved input once, without probes; needs --target
  --list            the names of the targets
`

/** Reads them; throws an Error with one clear line. */
export function fuzzOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string' },
      inputs: { type: 'string' },
      target: { type: 'string' },
      seed: { type: 'string' },
      save: { type: 'boolean' },
      replay: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  return {
    seconds: number('seconds', values.seconds) ?? 60,
    inputs: number('inputs', values.inputs),
    targets: values.target?.split(','),
    seed: number('seed', values.seed) ?? Date.now() % 1e9,
    save: values.save === true,
    replay: values.replay,
    list: values.list === true,
    help: values.help === true,
  }
}

function number(name, text) {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`--${name}: a positive number is wanted, not ${text}`)
  return value
}
