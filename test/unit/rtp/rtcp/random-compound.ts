/** Random RTCP datagrams, most of them well-formed outside and nonsense inside, some of them broken in one byte. */
import fc from 'fast-check'

const packet = fc
  .record({
    type: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 200, max: 206 }) }, fc.integer({ min: 190, max: 225 })),
    count: fc.oneof(fc.nat(31), fc.constantFrom(0, 1, 4, 15)),
    words: fc.nat(14),
    fill: fc.uint8Array({ minLength: 56, maxLength: 56 }),
    remb: fc.boolean(),
  })
  .map(({ type, count, words, fill, remb }) => {
    const bytes = Buffer.alloc(4 + 4 * words)
    bytes.set(fill.subarray(0, 4 * words), 4)
    bytes[0] = 0x80 | count
    bytes[1] = type
    bytes.writeUInt16BE(words, 2)
    if (remb && words >= 3) bytes.write('REMB', 12)
    return bytes
  })

export const randomCompound: fc.Arbitrary<Buffer> = fc
  .record({
    packets: fc.array(packet, { maxLength: 4 }),
    padding: fc.option(fc.constantFrom(4, 8), { freq: 3 }),
    broken: fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 4 }),
  })
  .map(({ packets, padding, broken }) => {
    const last = packets.at(-1)
    if (last && padding !== null && last.length > padding) {
      last[0] = (last[0] as number) | 0x20
      last[last.length - 1] = padding
    }
    const all = Buffer.concat(packets)
    if (broken !== null && all.length > 0) all[broken[0] % all.length] = broken[1]
    return all
  })
