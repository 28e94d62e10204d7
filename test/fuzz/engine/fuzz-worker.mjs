/** The thread that fuzzes one target: loads manycast with probes, runs the loop, and tells how it went. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { Coverage } from './coverage.mjs'

const { name, seed, maxInputs, milliseconds, save, shared } = workerData
/** Memory that is still held once the target is done may have grown by this. */
const MAX_GROWTH_BYTES = 48 * 1024 * 1024
const MAX_FINDINGS = 10

const coverage = new Coverage()
const { SeededRandom } = await import('../../../dist/testing/seeded-random.js')
const { FuzzLoop } = await import('./fuzz-loop.mjs')
const { readCorpus, readRegressions, writeCorpus } = await import('./corpus.mjs')
const { loadTarget } = await import('../targets/index.mjs')

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')
const heldBytes = () => {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const progress = new Int32Array(shared, 0, 2)
const current = new Uint8Array(shared, 8)
/** The input is where the main thread can see it, should this one never come back. */
const watch = (input) => {
  const length = Math.min(input.length, current.length)
  current.set(length === input.length ? input : input.subarray(0, length))
  Atomics.store(progress, 1, length)
  Atomics.add(progress, 0, 1)
}

let findings = 0
const seen = new Set()
const onFinding = (input, error) => {
  const text = String(error?.stack ?? error)
  // The same place once, whatever the message says.
  const place = text.split('\n    at ').slice(1, 4).join() || text
  if (seen.has(place) || findings >= MAX_FINDINGS) return
  seen.add(place)
  findings++
  parentPort.postMessage({ kind: 'finding', input: Buffer.from(input).toString('base64'), text })
}
let lastInput = Buffer.alloc(0)
process.on('unhandledRejection', (error) => onFinding(lastInput, error))
process.on('uncaughtException', (error) => onFinding(lastInput, error))

const target = await loadTarget(name)
const loop = new FuzzLoop({
  target,
  random: new SeededRandom(seed),
  coverage,
  watch: (input) => {
    lastInput = input
    watch(input)
  },
  onFinding,
})
const inputs = [...target.seeds(), ...readRegressions(name), ...readCorpus(name)]
await loop.begin(inputs)
const heldBefore = heldBytes()
const startMs = performance.now()
const before = loop.inputs
await loop.run((done) => done >= maxInputs || performance.now() - startMs >= milliseconds)
const seconds = (performance.now() - startMs) / 1000
const { inputs: count, slowestMs } = loop
const grownBytes = heldBytes() - heldBefore
if (grownBytes > MAX_GROWTH_BYTES) onFinding(Buffer.alloc(0), new Error(`memory grew by ${grownBytes} bytes`))
const branches = coverage.reached
const saved = save ? writeCorpus(name, await loop.minimized()) : undefined
parentPort.postMessage({
  kind: 'done',
  result: {
    inputs: count,
    perSecond: (count - before) / seconds,
    branches,
    corpus: loop.corpus.length,
    slowestMs,
    grownBytes,
    saved,
  },
})
