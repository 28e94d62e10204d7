/** What waits is written in order, and errors end what they have to and no more. */
import { expect, it } from 'vitest'
import type { ByteTarget } from '../../../src/recording/byte-target.js'
import type { Container } from '../../../src/recording/mediabunny.js'
import type { SegmentPlan, WriteOp } from '../../../src/recording/segment-plan.js'
import { SegmentWriter } from '../../../src/recording/segment-writer.js'
import { WriteQueue } from '../../../src/recording/write-queue.js'

const plan = (index: number): SegmentPlan => ({ index, container: 'webm', startMs: 0, video: undefined, audio: true })
const frame = (timeMs: number): WriteOp => ({
  op: 'frame',
  kind: 'audio',
  data: new Uint8Array(10),
  keyframe: true,
  timeMs,
  durationMs: 20,
})

class Scene {
  readonly said: string[] = []
  readonly queue = new WriteQueue(1000)
  refused = Number.NaN
  targetError: Error | undefined
  readonly writer = new SegmentWriter(
    this.queue,
    async (_, target) => this.#container(target),
    async ({ index }) => this.#target(index),
    {
      onBegin: ({ plan: { index } }) => this.said.push(`begin ${index}`),
      onEnd: ({ plan: { index }, durationMs }, complete) =>
        this.said.push(`${complete ? 'complete' : 'broken off'} ${index} ${durationMs}`),
      onRefused: (error) => this.said.push(`refused: ${(error as Error).message}`),
      onError: (error) => this.said.push(`error: ${(error as Error).message}`),
    },
  )

  async write(...ops: WriteOp[]): Promise<void> {
    for (const op of ops) this.queue.push(op)
    await this.writer.wake()
  }

  #container(target: ByteTarget): Container {
    return {
      add: async (_kind, data, _keyframe, timeMs) => {
        if (timeMs === this.refused) throw new Error('no such frame')
        await target.write(data, 0)
      },
      closeTrack: () => this.said.push('close'),
      finish: async () => void this.said.push('finish'),
    }
  }

  #target(index: number): ByteTarget {
    if (index === 9) throw new Error('no place')
    return {
      name: `file ${index}`,
      appendsOnly: false,
      bytes: 0,
      write: async () => {
        if (this.targetError) throw this.targetError
      },
      flush: async () => {},
      close: async () => {},
    }
  }
}

it('writes files one behind the other', async () => {
  const scene = new Scene()
  await scene.write({ op: 'begin', plan: plan(1) }, frame(0), { op: 'close-track', kind: 'video' }, frame(20))
  await scene.write({ op: 'end' }, { op: 'begin', plan: plan(2) }, frame(0), { op: 'end' })
  expect(scene.said).toEqual(['begin 1', 'close', 'finish', 'complete 1 40', 'begin 2', 'finish', 'complete 2 20'])
  expect(scene.queue.bytes).toBe(0)
})

it('breaks off a file that the container refuses a frame of, and goes on with the next', async () => {
  const scene = new Scene()
  scene.refused = 20
  await scene.write({ op: 'begin', plan: plan(1) }, frame(0), frame(20), frame(40), { op: 'end' })
  await scene.write({ op: 'begin', plan: plan(2) }, frame(0), { op: 'end' })
  const first = ['begin 1', 'broken off 1 20', 'refused: no such frame']
  expect(scene.said).toEqual([...first, 'begin 2', 'finish', 'complete 2 20'])
})

it('writes nothing any more when the target has failed', async () => {
  const scene = new Scene()
  await scene.write({ op: 'begin', plan: plan(1) }, frame(0))
  scene.targetError = new Error('full')
  await scene.write(frame(20), frame(40), { op: 'end' }, { op: 'begin', plan: plan(2) })
  expect(scene.said).toEqual(['begin 1', 'broken off 1 20', 'error: full'])
  expect([scene.queue.length, scene.queue.bytes]).toEqual([0, 0])
})

it('fails where there is no place for a file', async () => {
  const scene = new Scene()
  await scene.write({ op: 'begin', plan: plan(9) }, frame(0))
  expect(scene.said).toEqual(['error: no place'])
})
