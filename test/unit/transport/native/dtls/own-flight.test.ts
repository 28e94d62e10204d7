import { expect, it } from 'vitest'
import { createHandshakeMessage } from '../../../../../src/transport/dtls/handshake-message.js'
import { readRecords, writeRecord } from '../../../../../src/transport/dtls/record.js'
import { OwnFlights, refuseAs } from '../../../../../src/transport/native/dtls/own-flight.js'

const step = (...records: Buffer[]) => ({ state: 'going-on' as const, reason: '', records: Buffer.concat(records) })
const message = (type: number, seq: number, sequence: number) =>
  writeRecord(22, 0, sequence, createHandshakeMessage(type, seq, Buffer.alloc(20, seq)).bytes)

it('a flight that is said again is left out, and what comes with it is not', () => {
  const flights = new OwnFlights()
  const first = flights.newIn(step(message(2, 0, 0), message(14, 1, 1)))
  expect(first.messages.map(({ type }) => type)).toEqual([2, 14])
  expect(first.records).toHaveLength(2)
  const changeCipherSpec = writeRecord(20, 0, 4, Buffer.from([1]))
  const finished = writeRecord(22, 1, 0, Buffer.alloc(40, 9))
  const last = flights.newIn(step(message(2, 0, 2), message(14, 1, 3), changeCipherSpec, finished))
  expect(last.messages).toEqual([])
  expect(Buffer.concat(last.records)).toEqual(Buffer.concat([changeCipherSpec, finished]))
})

it('a message in pieces is one', () => {
  const { bytes } = createHandshakeMessage(11, 0, Buffer.alloc(100, 3))
  const piece = (offset: number, length: number) => {
    const head = Buffer.from(bytes.subarray(0, 12))
    head.writeUIntBE(offset, 6, 3)
    head.writeUIntBE(length, 9, 3)
    return Buffer.concat([head, bytes.subarray(12 + offset, 12 + offset + length)])
  }
  const flight = new OwnFlights().newIn(step(writeRecord(22, 0, 0, piece(0, 60)), writeRecord(22, 0, 1, piece(60, 40))))
  expect(flight.messages.map((whole) => whole.bytes)).toEqual([bytes])
  expect(readRecords(flight.records)).toHaveLength(2)
})

it("a refusal has OpenSSL's alert if there is one in the clear, and its reason", () => {
  const alert = writeRecord(21, 0, 5, Buffer.from([2, 47]))
  expect(refuseAs('no', { state: 'failed', reason: 'bad point', records: alert })).toEqual({
    kind: 'refused',
    alert: 47,
    detail: 'no (bad point)',
  })
  const silent = { state: 'failed' as const, reason: 'bad signature', records: Buffer.alloc(0) }
  expect(refuseAs('no', silent).alert).toBe(51)
})
