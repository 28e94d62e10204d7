import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtpPacket as WeriftPacket } from 'werift'
import { ExtensionWriter } from '../../../src/rtp/extension-writer.js'
import { ExtensionElement, extensionElementLength, findExtension } from '../../../src/rtp/header-extension.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { writeRtpHeader } from '../../../src/rtp/rtp-writer.js'
import { guarded } from './guarded-bytes.js'

/** A packet with that profile and those bytes of elements, which must be whole words. */
function packetWith(profile: number, elements: readonly number[]): { buffer: Buffer; header: RtpHeader } {
  expect(elements.length % 4).toBe(0)
  const packet = Buffer.alloc(16 + elements.length)
  writeRtpHeader(packet, 0, false, 96, 1, 2, 3, true)
  packet.writeUInt16BE(profile, 12)
  packet.writeUInt16BE(elements.length / 4, 14)
  packet.set(elements, 16)
  const { buffer, start, end } = guarded(packet)
  const header = new RtpHeader()
  expect(header.parse(buffer, start, end)).toBe(true)
  return { buffer, header }
}

function elementsOf(buffer: Buffer, header: RtpHeader): Array<[number, number[]]> {
  const element = new ExtensionElement()
  const found: Array<[number, number[]]> = []
  element.reset(header)
  while (element.next(buffer)) {
    found.push([element.id, Array.from({ length: element.length }, (_, i) => buffer[element.offset + i] as number)])
  }
  return found
}

describe('reading header extensions', () => {
  it('reads the one-byte form with padding anywhere', () => {
    const { buffer, header } = packetWith(0xbede, [0, 0x10, 7, 0, 0, 0x21, 8, 9, 0x30, 1, 0, 0])
    expect(elementsOf(buffer, header)).toEqual([
      [1, [7]],
      [2, [8, 9]],
      [3, [1]],
    ])
  })

  it('reads the two-byte form, empty elements and every value of its application bits included', () => {
    for (const profile of [0x1000, 0x1007, 0x100f]) {
      const { buffer, header } = packetWith(profile, [200, 0, 0, 15, 2, 5, 6, 1, 1, 9, 0, 0])
      expect(elementsOf(buffer, header)).toEqual([
        [200, []],
        [15, [5, 6]],
        [1, [9]],
      ])
    }
  })

  it('sees no elements in an unknown profile or without an extension', () => {
    for (const profile of [0, 0x2000, 0x1010, 0xbedf]) {
      const { buffer, header } = packetWith(profile, [0x10, 1, 0, 0])
      expect(elementsOf(buffer, header)).toEqual([])
    }
    const packet = Buffer.alloc(12)
    writeRtpHeader(packet, 0, false, 96, 1, 2, 3)
    const header = new RtpHeader()
    header.parse(packet, 0, 12)
    expect(findExtension(packet, header, 1)).toBe(-1)
  })

  it('stops at id 15 of the one-byte form, whatever follows', () => {
    const { buffer, header } = packetWith(0xbede, [0x10, 7, 0xf0, 1, 0x20, 8, 0, 0])
    expect(elementsOf(buffer, header)).toEqual([[1, [7]]])
    expect(findExtension(buffer, header, 15)).toBe(-1)
    expect(findExtension(buffer, header, 2)).toBe(-1)
  })

  it('stops at an id of zero that has a length', () => {
    const { buffer, header } = packetWith(0xbede, [0x10, 7, 0x01, 1, 1, 0x20, 8, 0])
    expect(elementsOf(buffer, header)).toEqual([[1, [7]]])
  })

  it('leaves out an element that is cut off', () => {
    const oneByte = packetWith(0xbede, [0x10, 7, 0x22, 1])
    expect(elementsOf(oneByte.buffer, oneByte.header)).toEqual([[1, [7]]])
    const twoByte = packetWith(0x1000, [1, 1, 7, 2])
    expect(elementsOf(twoByte.buffer, twoByte.header)).toEqual([[1, [7]]])
    const noData = packetWith(0x1000, [1, 0, 2, 1])
    expect(elementsOf(noData.buffer, noData.header)).toEqual([[1, []]])
  })

  it('finds the first element of an id with its length', () => {
    const { buffer, header } = packetWith(0xbede, [0x10, 7, 0x32, 1, 2, 3, 0x30, 9])
    const offset = findExtension(buffer, header, 3)
    expect([buffer[offset], buffer[offset + 1], buffer[offset + 2]]).toEqual([1, 2, 3])
    expect(extensionElementLength(buffer, header, offset)).toBe(3)
    const element = new ExtensionElement()
    expect(element.find(buffer, header, 3)).toBe(true)
    expect(element).toMatchObject({ id: 3, offset, length: 3 })
    expect(element.find(buffer, header, 4)).toBe(false)
  })

  it('tells lengths in the two-byte form too', () => {
    const { buffer, header } = packetWith(0x1000, [20, 2, 5, 6, 3, 0, 0, 0])
    expect(extensionElementLength(buffer, header, findExtension(buffer, header, 20))).toBe(2)
    expect(extensionElementLength(buffer, header, findExtension(buffer, header, 3))).toBe(0)
  })

  it('reads nothing outside of random elements', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0xbede, 0x1000, 0x100f),
        fc.array(fc.nat(255), { maxLength: 40 }).map((bytes) => bytes.slice(0, bytes.length & ~3)),
        (profile, bytes) => {
          const { buffer, header } = packetWith(profile, bytes)
          const end = header.extensionOffset + header.extensionLength
          const element = new ExtensionElement()
          element.reset(header)
          for (let at = header.extensionOffset; element.next(buffer); at = element.offset + element.length) {
            expect(element.id).toBeGreaterThan(0)
            expect(element.offset).toBeGreaterThan(at)
            expect(element.offset + element.length).toBeLessThanOrEqual(end)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('ExtensionWriter', () => {
  it('knows the ids that were added since it was reset', () => {
    const writer = new ExtensionWriter()
    writer.addNumber(3, 1, 2)
    writer.add(200, Buffer.alloc(2), 0, 2)
    expect([3, 200, 4].map((id) => writer.has(id))).toEqual([true, true, false])
    writer.reset()
    expect(writer.has(3)).toBe(false)
  })

  function written(writer: ExtensionWriter): { packet: Buffer; header: RtpHeader } {
    const packet = Buffer.alloc(1500, 0xcc)
    const at = writeRtpHeader(packet, 0, true, 96, 1, 2, 3, writer.count > 0)
    const length = writer.write(packet, at)
    expect(length).toBe(writer.blockLength)
    expect(length % 4).toBe(0)
    expect(packet[at + length]).toBe(0xcc)
    const header = new RtpHeader()
    expect(header.parse(packet, 0, at + length)).toBe(true)
    expect(header.headerLength).toBe(at + length)
    return { packet: packet.subarray(0, at + length), header }
  }

  it('writes nothing without elements', () => {
    const writer = new ExtensionWriter()
    const buffer = Buffer.alloc(4, 7)
    expect(writer.write(buffer, 0)).toBe(0)
    expect([...buffer]).toEqual([7, 7, 7, 7])
  })

  it('writes the one-byte form where it fits, as werift reads it', () => {
    const writer = new ExtensionWriter()
    expect(writer.addAscii(1, 'video0')).toBe(true)
    expect(writer.addNumber(3, 0x1234, 2)).toBe(true)
    expect(writer.add(14, Buffer.from('..sixteen bytes!!.'), 1, 16)).toBe(true)
    const { packet, header } = written(writer)
    expect(header.extensionProfile).toBe(0xbede)
    const read = WeriftPacket.deSerialize(packet).header.extensions
    expect(read.map(({ id, payload }) => [id, payload.toString('latin1')])).toEqual([
      [1, 'video0'],
      [3, '\x12\x34'],
      [14, '.sixteen bytes!!'],
    ])
  })

  it.each([
    ['an id above 14', 15, 1],
    ['17 bytes of data', 1, 17],
    ['no data', 1, 0],
  ])('changes to the two-byte form for %s', (_, id, length) => {
    const writer = new ExtensionWriter()
    writer.addNumber(2, 0xabcdef, 3)
    writer.add(id, Buffer.alloc(20, 4), 0, length)
    const { packet, header } = written(writer)
    expect(header.extensionProfile).toBe(0x1000)
    expect(elementsOf(packet, header)).toEqual([
      [2, [0xab, 0xcd, 0xef]],
      [id, new Array(length).fill(4)],
    ])
  })

  it('goes back to the one-byte form after a reset', () => {
    const writer = new ExtensionWriter()
    writer.addNumber(200, 1, 1)
    writer.reset()
    expect(writer.count).toBe(0)
    writer.addNumber(2, 1, 1)
    const { packet, header } = written(writer)
    expect(header.extensionProfile).toBe(0xbede)
    expect(elementsOf(packet, header)).toEqual([[2, [1]]])
  })

  it('refuses what no form can carry, and stays as it was', () => {
    const writer = new ExtensionWriter()
    const data = Buffer.alloc(400)
    for (const [id, start, length] of [
      [0, 0, 1],
      [256, 0, 1],
      [1, 0, 256],
      [1, 0, -1],
      [1, -1, 2],
      [1, 399, 2],
      [Number.NaN, 0, 1],
    ] as const) {
      expect(writer.add(id, data, start, length), `id ${id}, start ${start}, length ${length}`).toBe(false)
    }
    for (const length of [0, 5]) expect(writer.addNumber(1, 1, length)).toBe(false)
    expect(writer.addAscii(1, 'x'.repeat(256))).toBe(false)
    expect(writer.count).toBe(0)
    expect(writer.blockLength).toBe(0)
  })

  it('refuses elements beyond its room without losing the others', () => {
    const writer = new ExtensionWriter()
    let added = 0
    while (writer.addNumber(1 + (added % 14), added, 1)) added++
    expect(added).toBe(32)
    expect(elementsOf(written(writer).packet, written(writer).header)).toHaveLength(32)
    writer.reset()
    let bytes = 0
    while (writer.add(1, Buffer.alloc(200), 0, 200)) bytes += 200
    expect(bytes).toBe(1000)
    expect(written(writer).header.extensionLength).toBe(5 * 202 + 2)
  })

  it('writes what the reader reads, for any elements', () => {
    const element = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.uint8Array({ maxLength: 30 }))
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 12 }), (elements) => {
        const writer = new ExtensionWriter()
        for (const [id, data] of elements) expect(writer.add(id, data, 0, data.length)).toBe(true)
        const { packet, header } = written(writer)
        expect(elementsOf(packet, header)).toEqual(elements.map(([id, data]) => [id, [...data]]))
        const wide = elements.some(([id, { length }]) => id > 14 || length > 16 || length === 0)
        expect(header.extensionProfile).toBe(wide ? 0x1000 : 0xbede)
      }),
    )
  })
})
