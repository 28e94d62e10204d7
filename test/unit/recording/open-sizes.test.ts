/** Sizes that are not known yet say so (RFC 8794, section 6.2). */
import { expect, it } from 'vitest'
import { OpenSizes } from '../../../src/recording/open-sizes.js'

/** An id of four bytes, a size of `sizeBytes`, and content. */
const element = (sizeBytes: number, content = 3): Uint8Array => new Uint8Array(4 + sizeBytes + content)

it('makes sizes unknown that are written for the first time', () => {
  const sizes = new OpenSizes()
  sizes.begin(0, 6)
  const first = element(6)
  sizes.patch(first, 0)
  expect(Buffer.from(first).toString('hex')).toBe('00000000ffec83000000000000')
  sizes.begin(13, 5)
  const second = element(5)
  sizes.patch(second, 13)
  expect(Buffer.from(second).toString('hex')).toBe('00000000ffec820000000000')
})

it('leaves alone what is filled in later, what was finished before it was written, and everything at the end', () => {
  const sizes = new OpenSizes()
  sizes.begin(0, 6)
  sizes.patch(element(6), 0)
  const filled = new Uint8Array(6)
  sizes.patch(filled, 4)
  expect([...filled]).toEqual([0, 0, 0, 0, 0, 0])
  sizes.begin(13, 5)
  sizes.finish(13)
  const finished = element(5)
  sizes.patch(finished, 13)
  expect(finished.every((byte) => byte === 0)).toBe(true)
  sizes.close()
  sizes.begin(25, 5)
  const last = element(5)
  sizes.patch(last, 25)
  expect(last.every((byte) => byte === 0)).toBe(true)
})
