import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader } from '../../../../src/transport/tcp/frame-reader.js'
import { FrameWriter } from '../../../../src/transport/tcp/frame-writer.js'

const MAX = 100

function framed(...frames: Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(frame.length)
      return [length, frame]
    }),
  )
}

/** What the reader makes of the stream when it comes in these pieces. */
function read(stream: Buffer, cuts: readonly number[] = [], reader = new FrameReader(MAX)) {
  const frames: string[] = []
  const at = [...new Set([0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].sort((a, b) => a - b)
  let goesOn = true
  for (let i = 0; goesOn && i + 1 < at.length; i++) {
    // A copy each, as a socket's chunks have nothing to do with each other.
    const chunk = Buffer.from(stream.subarray(at[i], at[i + 1]))
    goesOn = reader.push(chunk, (frame) => frames.push(frame.toString('hex')) > 0)
  }
  return { frames, goesOn }
}

describe('the reader of frames', () => {
  test('gives what was framed, however the stream is cut', () => {
    const frame = fc.uint8Array({ minLength: 1, maxLength: MAX })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
        const expected = frames.map((bytes) => Buffer.from(bytes).toString('hex'))
        expect(read(framed(...frames), cuts)).toEqual({ frames: expected, goesOn: true })
      }),
    )
  })

  test('passes over packets without content', () => {
    const a = Buffer.from('a')
    expect(read(framed(Buffer.alloc(0), a, Buffer.alloc(0))).frames).toEqual(['61'])
  })

  test('ends with the length of a packet that is too long, before any of it has come', () => {
    const longest = Buffer.alloc(MAX, 1)
    expect(read(framed(longest)).goesOn).toBe(true)
    expect(read(framed(longest, Buffer.alloc(MAX + 1)).subarray(0, MAX + 4))).toEqual({
      frames: [longest.toString('hex')],
      goesOn: false,
    })
    // What speaks another protocol is told by its first two bytes.
    expect(read(Buffer.from('GET / HTTP/1.1\r\n'), [], new FrameReader(1280))).toEqual({ frames: [], goesOn: false })
    expect(read(Buffer.from('160301020001', 'hex'), [], new FrameReader(1280))).toEqual({ frames: [], goesOn: false })
  })

  test('reads no further than it is told', () => {
    const reader = new FrameReader(MAX)
    let calls = 0
    const stream = framed(Buffer.from('a'), Buffer.from('b'))
    expect(reader.push(stream, () => ++calls > 5)).toBe(false)
    expect(calls).toBe(1)
  })

  test('takes a longer packet once it may', () => {
    const reader = new FrameReader(MAX)
    const stream = framed(Buffer.from('a'), Buffer.alloc(MAX + 1))
    const lengths: number[] = []
    const goesOn = reader.push(stream, (frame) => {
      lengths.push(frame.length)
      reader.maxFrameBytes = MAX + 1
      return true
    })
    expect({ goesOn, lengths }).toEqual({ goesOn: true, lengths: [1, MAX + 1] })
  })
})

describe('the writer of frames', () => {
  /** Takes bytes like a socket: keeps views of them while the kernel is not ready. */
  class FakeSocket {
    written: Buffer[] = []
    blocked = false
    get writableLength(): number {
      return this.blocked ? this.written.reduce((sum, { length }) => sum + length, 0) : 0
    }
    write = ((bytes: Buffer) => {
      this.written.push(this.blocked ? bytes : Buffer.from(bytes))
      return true
    }) as never
  }

  test.each([false, true])('writes what the reader reads; the kernel is behind: %s', (blocked) => {
    const socket = new FakeSocket()
    socket.blocked = blocked
    const writer = new FrameWriter(socket)
    const expected: string[] = []
    const arena = Buffer.alloc(3000)
    for (let i = 0; i < 200; i++) {
      arena.fill(i)
      writer.add(arena, 7, 1 + i * 3)
      expected.push(arena.toString('hex', 7, 8 + i * 3))
      if (i % 9 === 0) writer.flush()
    }
    writer.flush()
    expect(writer.isEmpty).toBe(true)
    const { frames } = read(Buffer.concat(socket.written), [], new FrameReader(65535))
    expect(frames).toEqual(expected)
  })

  test('writes those of one turn together, and says what waits', () => {
    const socket = new FakeSocket()
    const writer = new FrameWriter(socket)
    for (let i = 0; i < 10; i++) writer.add(Buffer.alloc(98), 0, 98)
    expect(writer.queuedBytes).toBe(1000)
    expect(socket.written).toEqual([])
    writer.flush()
    writer.flush()
    expect(socket.written.map(({ length }) => length)).toEqual([1000])
    expect(writer.queuedBytes).toBe(0)
  })

  test('takes the longest packet that a length can say', () => {
    const socket = new FakeSocket()
    const writer = new FrameWriter(socket)
    writer.add(Buffer.alloc(10), 0, 10)
    writer.add(Buffer.alloc(65535, 5), 0, 65535)
    writer.flush()
    expect(Buffer.concat(socket.written)).toHaveLength(12 + 65537)
  })
})
