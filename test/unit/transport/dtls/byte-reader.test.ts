import { expect, test } from 'vitest'
import { ByteReader } from '../../../../src/transport/dtls/byte-reader.js'

test('reads fields and vectors in order', () => {
  const reader = new ByteReader(Buffer.from('01 0203 040506 02 aabb 0001 cc 000001 dd'.replaceAll(' ', ''), 'hex'))
  expect(reader.uint8()).toBe(1)
  expect(reader.uint16()).toBe(0x0203)
  expect(reader.uint24()).toBe(0x040506)
  expect(reader.vector(1).toString('hex')).toBe('aabb')
  expect(reader.vector(2).toString('hex')).toBe('cc')
  expect(reader.complete).toBe(false)
  expect(reader.vector(3).toString('hex')).toBe('dd')
  expect(reader.complete).toBe(true)
})

test('a read past the end yields nothing, for good', () => {
  const reader = new ByteReader(Buffer.from([1, 2]))
  expect(reader.uint24()).toBe(0)
  expect(reader.failed).toBe(true)
  expect(reader.uint8()).toBe(0)
  expect(reader.bytes(1)).toHaveLength(0)
  expect(reader.complete).toBe(false)
})

test('a vector longer than what is there fails', () => {
  const reader = new ByteReader(Buffer.from([3, 1, 2]))
  expect(reader.vector(1)).toHaveLength(0)
  expect(reader.failed).toBe(true)
})
