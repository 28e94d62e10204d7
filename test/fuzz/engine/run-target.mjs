/** Fuzzes one target in a thread of its own, and notices when that does not come back. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const SHARED_BYTES = 8 + (1 << 17)
/** No input takes this long, however busy the machine is. */
const HANG_MS = 20_000
const findingsFolder = new URL('../findings/', import.meta.url)

/** Writes an input that broke something; returns where to. */
export function saveFinding(name, input) {
  mkdirSync(findingsFolder, { recursive: true })
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 12)
  const file = new URL(`${name}-${digest}.bin`, findingsFolder)
  writeFileSync(file, input)
  return fileURLToPath(file)
}

/** Resolves with the figures and the findings, each `{ file, text }`. */
export function runTarget(options) {
  const shared = new SharedArrayBuffer(SHARED_BYTES)
  const progress = new Int32Array(shared, 0, 2)
  const worker = new Worker(new URL('./fuzz-worker.mjs', import.meta.url), { workerData: { ...options, shared } })
  const findings = []
  const note = (input, text) => findings.push({ file: saveFinding(options.name, input), text })
  return new Promise((resolve) => {
    let last = -1
    let sinceMs = Date.now()
    const finish = (result) => {
      clearInterval(timer)
      resolve({ name: options.name, ...result, findings })
    }
    const timer = setInterval(() => {
      const now = Atomics.load(progress, 0)
      if (now !== last) {
        last = now
        sinceMs = Date.now()
      } else if (now > 0 && Date.now() - sinceMs > HANG_MS) {
        note(Buffer.from(new Uint8Array(shared, 8, Atomics.load(progress, 1))), 'it does not come back')
        finish({ inputs: now })
        void worker.terminate()
      }
    }, 500)
    worker.on('message', (message) => {
      if (message.kind === 'finding') note(Buffer.from(message.input, 'base64'), message.text)
      else finish(message.result)
    })
    worker.on('error', (error) => {
      note(Buffer.from(new Uint8Array(shared, 8, Atomics.load(progress, 1))), String(error?.stack ?? error))
      finish({ inputs: Atomics.load(progress, 0) })
    })
    worker.on('exit', () => finish({ inputs: Atomics.load(progress, 0) }))
  })
}
