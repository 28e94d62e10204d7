import { describe, expect, it } from 'vitest'
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import { codecOf, depacketized } from './depacketized.js'

describe.each(['opus', 'PCMU', 'PCMA', 'G722'] as const)('%s', (name) => {
  it('is one payload to a frame', () => {
    expect(depacketized(name, [0xf8, 1, 2])).toEqual([0xf8, 1, 2])
    expect(depacketized(name)).toBeUndefined()
    expect(depacketized(name, [])).toBeUndefined()
    expect(depacketized(name, [1], [2])).toBeUndefined()
  })

  it('is copied', () => {
    const payload = Uint8Array.of(1, 2, 3)
    const frame = createDepacketizer(codecOf(name)).depacketize([payload])
    payload.fill(9)
    expect(frame).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('redundant audio', () => {
  it('is its primary block', () => {
    // A block of two bytes 960 ticks earlier, then the newest.
    expect(depacketized('red', [0x80 | 111, 0x0f, 0x00, 2, 111, 1, 2, 7, 8, 9])).toEqual([7, 8, 9])
    expect(depacketized('red', [111, 7])).toEqual([7])
  })

  it('is malformed where blocks are cut off, empty or of another codec', () => {
    expect(depacketized('red', [0x80 | 111, 0x0f, 0x00, 9, 111, 1, 2])).toBeUndefined()
    expect(depacketized('red', [111])).toBeUndefined()
    expect(depacketized('red', [110, 7])).toBeUndefined()
    expect(depacketized('red', [111, 7], [111, 7])).toBeUndefined()
    expect(depacketized('red')).toBeUndefined()
    const { blocks: _, ...bare } = codecOf('red')
    expect(depacketized(createDepacketizer(bare), [111, 7])).toBeUndefined()
  })
})
