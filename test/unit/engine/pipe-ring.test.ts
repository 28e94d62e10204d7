import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRingMemory, PipeRingReader, PipeRingWriter } from '../../../src/engine/pipe-ring.js'

const CAPACITY = 4096

function ends(capacity = CAPACITY): { writer: PipeRingWriter; reader: PipeRingReader } {
  const writer = new PipeRingWriter(createRingMemory(capacity))
  return { writer, reader: new PipeRingReader(writer.memory) }
}

/** A packet that says which one it is, in every byte. */
function packetOf(index: number, length: number): Buffer {
  return Buffer.alloc(length, 1 + (index % 250))
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 1500 }) }) },
  { weight: 2, arbitrary: fc.record({ read: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 1, arbitrary: fc.constant('commit' as const) },
  { weight: 1, arbitrary: fc.constant('release' as const) },
)

describe('a ring between two threads', () => {
  it('gives every packet back as it was, in order, in whatever order the two ends take turns', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const { writer, reader } = ends()
        const waiting: { extSeq: number; length: number }[] = []
        let added = 0
        const read = (limit: number) => {
          const { head } = reader
          for (let i = 0; i < limit && reader.next(head, 7); i++) {
            const expected = waiting.shift()
            const { channel, track, layer, codecIndex, extSeq, start, end } = reader
            expect({ channel, track, layer, codecIndex, extSeq, length: end - start }).toEqual({
              ...{ channel: 3, track: 200, layer: 255, codecIndex: 65_535 },
              ...expected,
            })
            const packet = packetOf(extSeq - 2 ** 40, end - start)
            expect(reader.buffer.compare(packet, 0, packet.length, start, end)).toBe(0)
          }
        }
        for (const one of steps) {
          if (one === 'commit') writer.commit()
          else if (one === 'release') reader.release()
          else if ('read' in one) read(one.read)
          else {
            const packet = packetOf(added, one.add)
            // A packet is anywhere in a larger buffer.
            const source = Buffer.concat([Buffer.from('xx'), packet, Buffer.from('yyy')])
            const extSeq = 2 ** 40 + added
            if (!writer.add(3, 7, 200, 255, 65_535, extSeq, source, 2, packet.length)) continue
            waiting.push({ extSeq, length: packet.length })
            added++
          }
        }
        writer.commit()
        read(Number.POSITIVE_INFINITY)
        expect(waiting).toEqual([])
      }),
    )
  })

  it('goes on where the counts of bytes wrap', () => {
    const { writer, reader } = ends(128 * 1024)
    const packet = Buffer.alloc(65_000)
    const rounds = Math.ceil(2 ** 32 / packet.length) + 10
    let read = 0
    for (let round = 0; round < rounds; round++) {
      writer.add(1, 0, 0, 0, 0, round, packet, 0, packet.length)
      writer.commit()
      if (reader.next(reader.head, 0) && reader.extSeq === round) read++
      reader.release()
    }
    expect(read).toBe(rounds)
  })

  it('refuses what does not fit until the reader has given room back', () => {
    const { writer, reader } = ends()
    const packet = Buffer.alloc(1000)
    const add = () => writer.add(1, 0, 0, 0, 0, 0, packet, 0, packet.length)
    expect([add(), add(), add(), add(), add()]).toEqual([true, true, true, true, false])
    writer.commit()
    expect(reader.next(reader.head, 0)).toBe(true)
    expect(add()).toBe(false)
    reader.release()
    expect(add()).toBe(true)
  })

  it('shows nothing before it is committed, but never keeps more than 64 KiB back', () => {
    const { writer, reader } = ends(256 * 1024)
    const packet = Buffer.alloc(1000)
    for (let i = 0; i < 60; i++) writer.add(1, 0, 0, 0, 0, i, packet, 0, packet.length)
    expect(reader.head).toBe(0)
    for (let i = 0; i < 10; i++) writer.add(1, 0, 0, 0, 0, i, packet, 0, packet.length)
    expect(reader.head).toBe(64 * 1024)
  })

  it('holds back packets whose messages have not come yet, also where the epochs wrap', () => {
    const { writer, reader } = ends()
    const packet = Buffer.alloc(10)
    const epochs = [2 ** 31 - 2, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1]
    for (const epoch of epochs) writer.add(1, epoch, 0, 0, 0, epoch, packet, 0, packet.length)
    writer.commit()
    for (const epoch of epochs) {
      expect(reader.next(reader.head, (epoch - 1) | 0)).toBe(false)
      expect(reader.next(reader.head, epoch)).toBe(true)
      expect(reader.extSeq).toBe(epoch)
    }
  })

  it('wakes a reader that waits, with a packet and without one', async () => {
    const { writer, reader } = ends()
    const first = reader.waitAsync(reader.head)
    writer.add(1, 0, 0, 0, 0, 0, Buffer.alloc(10), 0, 10)
    // Gone on already, as far as a reader sees that looked before.
    writer.commit()
    expect(reader.waitAsync(0)).toBeUndefined()
    await first
    const second = reader.waitAsync(reader.head)
    reader.wake()
    await second
  })
})
