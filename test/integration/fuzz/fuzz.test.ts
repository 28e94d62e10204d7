/** A short run of `npm run fuzz`: every input of the corpus and every one that has broken something once, then seconds of new ones. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { FuzzLoop } from '../../fuzz/engine/fuzz-loop.mjs'
import { mutateBytes } from '../../fuzz/engine/mutate-bytes.mjs'
import { TARGET_NAMES } from '../../fuzz/targets/index.mjs'

const SECONDS = 6
const run = fileURLToPath(new URL('../../fuzz/run.mjs', import.meta.url))

it('whatever is read from the network breaks nothing', { timeout: 180_000 }, async () => {
  const args = [run, '--seconds', String(SECONDS), ...(process.env.SEED ? ['--seed', process.env.SEED] : [])]
  // It rejects, with everything that was printed, when the fuzzer has found something.
  const { stdout } = await promisify(execFile)(process.execPath, args)
  console.log(stdout)
  const names = stdout.split('\n').map((line) => line.split(/\s+/)[0])
  for (const name of TARGET_NAMES) expect(names).toContain(name)
  expect(stdout).toMatch(/^\d{4,} inputs, 0 findings$/m)
})

it('a planted fault is found, and so is an input that takes too long', async () => {
  const found: { input: Buffer; message: string }[] = []
  const loop = new FuzzLoop({
    target: {
      mutate: mutateBytes,
      maxLength: 64,
      run(input: Buffer) {
        if (input.length > 40) throw new Error('planted')
        if (input.length !== 1) return
        const before = process.cpuUsage()
        for (let usedUs = 0; usedUs < 200_000; ) {
          const { user, system } = process.cpuUsage(before)
          usedUs = user + system
        }
      },
    },
    random: new SeededRandom(1),
    coverage: undefined,
    watch: undefined,
    onFinding: (input: Buffer, { message }: Error) => found.push({ input, message }),
  })
  await loop.begin([Buffer.alloc(1), Buffer.alloc(30, 1)])
  loop.corpus.splice(0, 1)
  const isPlanted = () => found.some(({ message }) => message === 'planted')
  const isSlow = () => found.some(({ input, message }) => input.length === 1 && /took \d+ ms/.test(message))
  await loop.run((inputs: number) => inputs > 3000 || (isPlanted() && isSlow()))
  expect([isPlanted(), isSlow()]).toEqual([true, true])
})
