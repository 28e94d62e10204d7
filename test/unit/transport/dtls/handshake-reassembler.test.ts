import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createHandshakeMessage,
  type HandshakeFragment,
  readFragments,
} from '../../../../src/transport/dtls/handshake-message.js'
import {
  HandshakeReassembler,
  MAX_BUFFERED_BYTES,
  MAX_MESSAGE_BYTES,
  MESSAGE_WINDOW,
} from '../../../../src/transport/dtls/handshake-reassembler.js'
import { anyBytes, expectNeverThrows } from './arbitraries.js'

const whole = (messageSeq: number, body: Buffer, type = 11): HandshakeFragment => ({
  type,
  length: body.length,
  messageSeq,
  offset: 0,
  body,
})

const piece = (messageSeq: number, body: Buffer, start: number, end: number): HandshakeFragment => ({
  ...whole(messageSeq, body),
  offset: start,
  body: body.subarray(start, end),
})

function drain(reassembler: HandshakeReassembler): Buffer[] {
  const bodies: Buffer[] = []
  for (let message = reassembler.peek(); message !== undefined; message = reassembler.peek()) {
    bodies.push(message.body)
    reassembler.advance()
  }
  return bodies
}

describe('fragments on the wire', () => {
  test('a message is read back, and two in a row', () => {
    const first = createHandshakeMessage(14, 4, Buffer.alloc(0))
    const second = createHandshakeMessage(20, 5, Buffer.from('abc'))
    expect(readFragments(Buffer.concat([first.bytes, second.bytes]))).toEqual([
      { type: 14, length: 0, messageSeq: 4, offset: 0, body: Buffer.alloc(0) },
      { type: 20, length: 3, messageSeq: 5, offset: 0, body: Buffer.from('abc') },
    ])
  })

  test('are refused when cut, when they reach beyond their message, and when they are empty for no reason', () => {
    const { bytes } = createHandshakeMessage(20, 5, Buffer.from('abc'))
    for (let length = 1; length < bytes.length; length++) {
      expect(readFragments(bytes.subarray(0, length))).toBeUndefined()
    }
    const beyond = Buffer.from(bytes)
    beyond.writeUIntBE(1, 6, 3)
    expect(readFragments(beyond)).toBeUndefined()
    const empty = Buffer.from(bytes.subarray(0, 12))
    empty.writeUIntBE(0, 9, 3)
    expect(readFragments(empty)).toBeUndefined()
    expectNeverThrows(readFragments)
  })
})

describe('reassembly', () => {
  test('any cutting, order and repetition gives the messages back, in order', () => {
    const pieces = fc.array(anyBytes(60), { minLength: 1, maxLength: MESSAGE_WINDOW }).chain((bodies) => {
      const fragments = bodies.flatMap((body, seq) => {
        if (body.length === 0) return [fc.constant(whole(seq, body))]
        // The two halves overlap, so that all of the message is always among them.
        return [
          fc.nat(body.length - 1).map((cut) => piece(seq, body, 0, cut + 1)),
          fc.constant(piece(seq, body, body.length >> 1, body.length)),
          fc.constant(piece(seq, body, 0, body.length)),
        ]
      })
      return fc.record({
        bodies: fc.constant(bodies),
        fragments: fc
          .tuple(...fragments)
          .chain((all) =>
            fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
          ),
      })
    })
    fc.assert(
      fc.property(pieces, ({ bodies, fragments }) => {
        const reassembler = new HandshakeReassembler()
        const out: Buffer[] = []
        for (const fragment of fragments) {
          expect(reassembler.push(fragment, false)).not.toBe('refused')
          out.push(...drain(reassembler))
        }
        expect(out).toEqual(bodies)
        expect(reassembler.bufferedBytes).toBe(0)
      }),
    )
  })

  test('a message is complete only with its last byte', () => {
    const body = Buffer.from('0123456789')
    const reassembler = new HandshakeReassembler()
    reassembler.push(piece(0, body, 0, 4), false)
    reassembler.push(piece(0, body, 5, 10), false)
    expect(reassembler.peek()).toBeUndefined()
    reassembler.push(piece(0, body, 4, 5), false)
    expect(reassembler.peek()?.body).toEqual(body)
  })

  test('the transcript form is that of a single fragment', () => {
    const body = Buffer.from('0123456789')
    const reassembler = new HandshakeReassembler()
    reassembler.push(piece(0, body, 0, 4), false)
    reassembler.push(piece(0, body, 4, 10), false)
    expect(reassembler.peek()?.bytes).toEqual(createHandshakeMessage(11, 0, body).bytes)
  })

  test('a later piece does not change a byte that is already here', () => {
    const reassembler = new HandshakeReassembler()
    reassembler.push(piece(0, Buffer.from('abcd'), 0, 2), false)
    reassembler.push(piece(0, Buffer.from('XYcd'), 0, 4), false)
    expect(reassembler.peek()?.body.toString()).toBe('abcd')
  })

  test('a piece that contradicts an earlier one is refused', () => {
    const reassembler = new HandshakeReassembler()
    const body = Buffer.alloc(10)
    reassembler.push(piece(0, body, 0, 4), false)
    expect(reassembler.push({ ...piece(0, body, 4, 10), type: 16 }, false)).toBe('refused')
    expect(reassembler.push({ ...piece(0, body, 4, 10), length: 11 }, false)).toBe('refused')
    expect(reassembler.push(piece(0, body, 4, 10), true)).toBe('refused')
    expect(reassembler.peek()).toBeUndefined()
  })

  test('what was handed out is a duplicate; what was discarded may come again', () => {
    const reassembler = new HandshakeReassembler()
    reassembler.push(whole(0, Buffer.from('a')), false)
    reassembler.discard()
    expect(reassembler.peek()).toBeUndefined()
    reassembler.push(whole(0, Buffer.from('b')), false)
    expect(reassembler.peek()?.body.toString()).toBe('b')
    reassembler.advance()
    expect(reassembler.push(whole(0, Buffer.from('b')), false)).toBe('duplicate')
    expect(reassembler.nextSeq).toBe(1)
  })
})

describe('memory', () => {
  test('stays within its bound whatever comes', () => {
    const fragment = fc.record({
      type: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 2, max: MAX_MESSAGE_BYTES + 1 }),
      messageSeq: fc.integer({ min: 0, max: MESSAGE_WINDOW }),
    })
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 40 }), (fragments) => {
        const reassembler = new HandshakeReassembler()
        for (const fields of fragments) {
          reassembler.push({ ...fields, offset: 0, body: Buffer.from([1]) }, false)
          expect(reassembler.bufferedBytes).toBeLessThanOrEqual(MAX_BUFFERED_BYTES)
          drain(reassembler)
        }
      }),
    )
  })

  test('messages that are too long or too far ahead are not kept', () => {
    const reassembler = new HandshakeReassembler()
    expect(reassembler.push({ ...whole(0, Buffer.from('a')), length: MAX_MESSAGE_BYTES + 1 }, false)).toBe('refused')
    expect(reassembler.push(whole(MESSAGE_WINDOW, Buffer.from('a')), false)).toBe('refused')
    expect(reassembler.bufferedBytes).toBe(0)
  })

  test('the message that is waited for pushes out later ones', () => {
    const reassembler = new HandshakeReassembler()
    const start = { ...whole(0, Buffer.from('a')), length: MAX_MESSAGE_BYTES }
    expect(reassembler.push({ ...start, messageSeq: 1 }, false)).toBe('stored')
    expect(reassembler.push({ ...start, messageSeq: 2 }, false)).toBe('stored')
    expect(reassembler.push({ ...start, messageSeq: 3 }, false)).toBe('refused')
    expect(reassembler.push(whole(0, Buffer.from('abc')), false)).toBe('stored')
    expect(reassembler.peek()?.body.toString()).toBe('abc')
  })
})
