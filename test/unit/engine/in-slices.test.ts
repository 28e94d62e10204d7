import { describe, expect, it } from 'vitest'
import { inSlices } from '../../../src/engine/in-slices.js'

describe('inSlices', () => {
  it('visits everything, and lets go of the thread in between', async () => {
    let nowMs = 0
    let turns = 0
    let longestMs = 0
    let sliceStartMs = 0
    let running = true
    const turn = (): void => {
      turns++
      sliceStartMs = nowMs
      if (running) setImmediate(turn)
    }
    const items = Array.from({ length: 1000 }, (_, i) => i)
    const visited: number[] = []
    setImmediate(turn)
    await inSlices(
      items,
      (item) => {
        visited.push(item)
        nowMs += 0.01
        longestMs = Math.max(longestMs, nowMs - sliceStartMs)
      },
      () => nowMs,
    )
    running = false
    expect(visited).toEqual(items)
    expect(turns).toBeGreaterThan(10)
    expect(longestMs).toBeLessThan(1)
  })

  it('takes what is added meanwhile, and passes over what is taken out', async () => {
    let nowMs = 0
    const items = new Map(Array.from({ length: 64 }, (_, i) => [i, i]))
    const visited: number[] = []
    setImmediate(() => {
      items.delete(63)
      items.set(64, 64)
    })
    await inSlices(
      items.values(),
      (item) => {
        visited.push(item)
        nowMs += 0.1
      },
      () => nowMs,
    )
    expect(visited).toHaveLength(64)
    expect(visited).toContain(64)
    expect(visited).not.toContain(63)
  })

  it('needs no turn for a few things', async () => {
    const visited: number[] = []
    const done = inSlices(
      [1, 2, 3],
      (item) => visited.push(item),
      () => 0,
    )
    expect(visited).toEqual([1, 2, 3])
    await done
  })
})
