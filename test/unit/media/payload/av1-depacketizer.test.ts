import { describe, expect, it } from 'vitest'
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import { codecOf, depacketized } from './depacketized.js'

const Z = 0x80
const Y = 0x40
const N = 0x08
/** W: how many elements there are. */
const w = (count: number): number => count << 4

// OBU headers without and with a size.
const SEQUENCE = 1 << 3
const DELIMITER = 2 << 3
const FRAME = 6 << 3
const TILE_LIST = 8 << 3
const PADDING = 15 << 3
const SIZED = 0x02
const EXTENDED = 0x04

describe('AV1 temporal units', () => {
  it('have a size in every OBU', () => {
    expect(depacketized('AV1', [N | w(2), 3, SEQUENCE, 1, 2, FRAME, 7, 8, 9])).toEqual([
      SEQUENCE | SIZED,
      2,
      1,
      2,
      FRAME | SIZED,
      3,
      7,
      8,
      9,
    ])
    expect(depacketized('AV1', [N, 3, SEQUENCE, 1, 2, 4, FRAME, 7, 8, 9])).toEqual([
      SEQUENCE | SIZED,
      2,
      1,
      2,
      FRAME | SIZED,
      3,
      7,
      8,
      9,
    ])
  })

  it('keep extensions, and sizes that are there already', () => {
    expect(depacketized('AV1', [w(1), FRAME | EXTENDED, 0x28, 7])).toEqual([FRAME | EXTENDED | SIZED, 0x28, 1, 7])
    expect(depacketized('AV1', [w(1), FRAME | SIZED, 1, 7])).toEqual([FRAME | SIZED, 1, 7])
    expect(depacketized('AV1', [w(1), FRAME | EXTENDED | SIZED, 0x28, 1, 7])).toEqual([
      FRAME | EXTENDED | SIZED,
      0x28,
      1,
      7,
    ])
    // What is behind the size in the same element does not belong to the OBU.
    expect(depacketized('AV1', [w(1), FRAME | SIZED, 1, 7, 0, 0])).toEqual([FRAME | SIZED, 1, 7])
  })

  it('go on over fragments, even of the header', () => {
    expect(
      depacketized('AV1', [Y | w(2), 2, SEQUENCE, 1, FRAME, 7], [Z | Y | w(1), 8], [Z | w(2), 1, 9, FRAME, 5]),
    ).toEqual([SEQUENCE | SIZED, 1, 1, FRAME | SIZED, 3, 7, 8, 9, FRAME | SIZED, 1, 5])
    expect(depacketized('AV1', [Y | w(1), FRAME | EXTENDED | SIZED], [Z | Y | w(1), 0x28], [Z, 2, 1, 7])).toEqual([
      FRAME | EXTENDED | SIZED,
      0x28,
      1,
      7,
    ])
  })

  it('have sizes of several bytes', () => {
    const body = new Array<number>(200).fill(5)
    expect(depacketized('AV1', [w(1), FRAME, ...body])).toEqual([FRAME | SIZED, 0xc8, 0x01, ...body])
    expect(depacketized('AV1', [0, 0xc9, 0x01, FRAME, ...body])).toEqual([FRAME | SIZED, 0xc8, 0x01, ...body])
  })

  it('are without temporal delimiters, tile lists and padding', () => {
    expect(depacketized('AV1', [0, 1, DELIMITER, 2, FRAME, 1, 2, TILE_LIST, 0, 3, PADDING, 0, 0])).toEqual([
      FRAME | SIZED,
      1,
      1,
    ])
    expect(depacketized('AV1', [w(1), DELIMITER | SIZED, 0])).toEqual([])
  })

  it('skip elements without anything in them', () => {
    expect(depacketized('AV1', [0, 0, 2, FRAME, 1])).toEqual([FRAME | SIZED, 1, 1])
  })

  it.each([
    ['no payload', []],
    ['an aggregation header alone', [[w(1)]]],
    ['a continuation without a beginning', [[Z | w(1), 1]]],
    [
      'a fragment that is not continued',
      [
        [Y | w(1), FRAME],
        [w(1), FRAME, 1],
      ],
    ],
    ['a fragment that the frame ends with', [[Y | w(1), FRAME]]],
    ['an element that is cut off', [[w(2), 9, FRAME, 1]]],
    ['a length that is cut off', [[0, 0x80]]],
    ['the forbidden bit', [[w(1), 0x80 | FRAME, 1]]],
    ['an extension that is cut off', [[w(1), FRAME | EXTENDED]]],
    ['a size that is cut off', [[w(1), FRAME | SIZED]]],
    ['a size beyond the OBU', [[w(1), FRAME | SIZED, 2, 1]]],
  ])('are malformed with %s', (_, payloads) => {
    expect(depacketized('AV1', ...payloads)).toBeUndefined()
  })

  it('have no more bytes than they may', () => {
    const depacketizer = createDepacketizer(codecOf('AV1'), 4)
    expect(depacketized(depacketizer, [w(1), FRAME, 1, 2])).toHaveLength(4)
    expect(depacketized(depacketizer, [w(1), FRAME, 1, 2, 3])).toBeUndefined()
    expect(depacketized(depacketizer, [Y | w(1), FRAME, 1, 2], [Z | w(1), 3, 4])).toBeUndefined()
  })
})
