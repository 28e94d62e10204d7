/** The nice value of a shard's thread, and of no other. To ask for less of the CPU is always allowed, so that is what is asked for here. */
import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createEngine } from '../../../dist/engine/create-engine.js'
import { DEFAULT_ENGINE_CONFIG } from '../../../dist/engine/engine-config.js'

/** One that nobody else has. */
const NICE = 13

async function threadsSoNice(): Promise<number> {
  let count = 0
  for (const thread of await readdir('/proc/self/task')) {
    const stat = await readFile(`/proc/self/task/${thread}/stat`, 'latin1').catch(() => '')
    // Field 19, and the name in front may have spaces (proc(5)).
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]) === NICE) count++
  }
  return count
}

it.runIf(process.platform === 'linux')('is that of each worker thread alone', async () => {
  const config = { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'], workerNice: NICE }
  const engine = createEngine(2, config, { onPeerState: () => {}, onLayer: () => {}, onActiveSpeaker: () => {} })
  try {
    expect(await threadsSoNice()).toBe(0)
    await engine.start()
    expect(await threadsSoNice()).toBe(2)
  } finally {
    await engine.close()
  }
})
