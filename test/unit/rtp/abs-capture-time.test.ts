import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ABS_CAPTURE_TIME_LENGTH, writeAbsCaptureTime } from '../../../src/rtp/abs-capture-time.js'
import { ntpToUnixMs } from '../../../src/rtp/ntp-time.js'

function written(captureUnixMs: number, clockOffsetMs: number): Buffer {
  const bytes = Buffer.alloc(ABS_CAPTURE_TIME_LENGTH + 4, 0xa5)
  writeAbsCaptureTime(bytes, 2, captureUnixMs, clockOffsetMs)
  expect(bytes.subarray(0, 2).toString('hex') + bytes.subarray(-2).toString('hex')).toBe('a5a5a5a5')
  return bytes.subarray(2, 2 + ABS_CAPTURE_TIME_LENGTH)
}

test('the time is that of sender reports, the offset has a sign, both have 32 bits behind the point', () => {
  expect(written(1500, 0).toString('hex')).toBe('83aa7e81800000000000000000000000')
  expect(written(0, 2250).toString('hex')).toBe('83aa7e80000000000000000240000000')
  expect(written(0, -250).toString('hex')).toBe('83aa7e8000000000ffffffffc0000000')
})

test('an offset of a rounding error is none', () => {
  for (const offsetMs of [1e-12, -1e-12, -0]) expect(written(0, offsetMs).toString('hex', 8)).toBe('0000000000000000')
})

test('what is read is what was written, to the microsecond', () => {
  const time = fc.double({ min: 0, max: Date.UTC(2100, 0, 1), noNaN: true })
  const offset = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(time, offset, (captureUnixMs, clockOffsetMs) => {
      const bytes = written(captureUnixMs, clockOffsetMs)
      const readMs = ntpToUnixMs(bytes.readUInt32BE(0), bytes.readUInt32BE(4))
      const readOffsetMs = bytes.readInt32BE(8) * 1000 + (bytes.readUInt32BE(12) * 1000) / 2 ** 32
      expect(Math.abs(readMs - captureUnixMs)).toBeLessThan(0.001)
      expect(Math.abs(readOffsetMs - clockOffsetMs)).toBeLessThan(0.002)
    }),
  )
})
