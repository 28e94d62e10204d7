import type { WorkerOptions } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { DEFAULT_ENGINE_CONFIG, type NativeChoice } from '../../../src/engine/engine-config.js'
import { WorkerShard } from '../../../src/engine/worker-shard.js'
import { whyNoNativePath } from '../../../src/transport/native/native-platform.js'

const listener = { onPeerState: () => {}, onLayer: () => {}, onSpeech: () => {}, onDeath: () => {} }

async function youngGenerationMb(native: NativeChoice): Promise<number | undefined> {
  let asked: WorkerOptions | undefined
  const opening = WorkerShard.open(
    { index: 0, config: { ...DEFAULT_ENGINE_CONFIG, native } },
    listener,
    (_url, options) => {
      asked = options
      throw new Error('no thread for a test')
    },
  )
  await expect(opening).rejects.toThrow('no thread for a test')
  return asked?.resourceLimits?.maxYoungGenerationSizeMb
}

test('the young generation of a thread is small where node:crypto fills it, and larger on the native path', async () => {
  expect(await youngGenerationMb('off')).toBe(3)
  expect(await youngGenerationMb('auto')).toBe(whyNoNativePath(process) === undefined ? 12 : 3)
})
