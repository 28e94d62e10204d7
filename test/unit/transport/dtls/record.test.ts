import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRecord, readRecords, writeRecord } from '../../../../src/transport/dtls/record.js'
import { anyBytes, expectNeverThrows } from './arbitraries.js'

describe('a record', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        anyBytes().filter((bytes) => bytes.length > 0),
        (contentType, epoch, sequence, fragment) => {
          expect(readRecord(writeRecord(contentType, epoch, sequence, fragment), 0)).toEqual({
            contentType,
            version: 0xfefd,
            epoch,
            sequence,
            fragment,
          })
        },
      ),
    )
  })

  test('is refused at every truncation', () => {
    const bytes = writeRecord(22, 0, 1, Buffer.alloc(20, 5))
    for (let length = 0; length < bytes.length; length++) {
      expect(readRecord(bytes.subarray(0, length), 0)).toBeUndefined()
    }
  })

  test('is refused if empty, too long, or of another protocol version', () => {
    expect(readRecord(writeRecord(22, 0, 1, Buffer.alloc(0)), 0)).toBeUndefined()
    expect(readRecord(writeRecord(22, 0, 1, Buffer.alloc(16384 + 2049)), 0)).toBeUndefined()
    const tls = writeRecord(22, 0, 1, Buffer.alloc(4))
    tls.writeUInt16BE(0x0303, 1)
    expect(readRecord(tls, 0)).toBeUndefined()
    tls.writeUInt16BE(0xfeff, 1)
    expect(readRecord(tls, 0)?.version).toBe(0xfeff)
  })

  test('never throws on what the network brings', () => expectNeverThrows((bytes) => readRecord(bytes, 0)))
})

test('several records in several datagrams are found in order', () => {
  const record = (sequence: number) => writeRecord(22, 0, sequence, Buffer.alloc(sequence + 1))
  const datagrams = [Buffer.concat([record(0), record(1)]), record(2)]
  expect(readRecords(datagrams).map(({ sequence }) => sequence)).toEqual([0, 1, 2])
})
