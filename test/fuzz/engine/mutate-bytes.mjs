/** Damages binary inputs: bits, bytes, numbers at the edges of what fits, and pieces cut out, doubled, moved or taken from other inputs. */

const EDGES_8 = [0, 1, 0x0f, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0xbe, 0xde, 0xfe, 0xff]
const EDGES_16 = [0, 1, 0x7f, 0xff, 0x100, 0x3fff, 0x7fff, 0x8000, 0xfffe, 0xffff]
const EDGES_32 = [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]

const pick = (random, list) => list[random.integer(0, list.length - 1)]

/** One change of `bytes`, which may be changed in place; returns the changed ones. */
function mutateOnce(random, bytes, others) {
  const length = bytes.length
  if (length === 0) return Buffer.from([random.integer(0, 255), random.integer(0, 255)])
  const at = random.integer(0, length - 1)
  switch (random.integer(0, 13)) {
    case 0:
      bytes[at] ^= 1 << random.integer(0, 7)
      return bytes
    case 1:
      bytes[at] = random.integer(0, 255)
      return bytes
    case 2:
      bytes[at] = pick(random, EDGES_8)
      return bytes
    case 3:
      if (at + 2 <= length) bytes.writeUInt16BE(pick(random, EDGES_16), at)
      return bytes
    case 4:
      if (at + 4 <= length) bytes.writeUInt32BE(pick(random, EDGES_32), at)
      return bytes
    case 5:
      bytes[at] += random.integer(-4, 4)
      return bytes
    case 6:
      if (at + 2 <= length) bytes.writeUInt16BE((bytes.readUInt16BE(at) + random.integer(-40, 40)) & 0xffff, at)
      return bytes
    case 7:
      return bytes.subarray(0, at)
    case 8:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(length, at + random.integer(1, 16)))])
    case 9: {
      const piece = bytes.subarray(at, at + random.integer(1, 32))
      const to = random.integer(0, length)
      return Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(to)])
    }
    case 10: {
      const piece = Buffer.alloc(random.integer(1, 16), random.integer(0, 255))
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
    }
    case 11: {
      const other = pick(random, others)
      const from = random.integer(0, other.length)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from)])
    }
    case 12: {
      const other = pick(random, others)
      const from = random.integer(0, other.length)
      other.copy(bytes, at, from, from + random.integer(1, 32))
      return bytes
    }
    default:
      bytes.copyWithin(at, random.integer(0, length - 1), length)
      return bytes
  }
}

/** A damaged copy of `input`, at most `maxLength` bytes. `others` are inputs of the same kind. */
export function mutateBytes(random, input, others, maxLength) {
  let bytes = Buffer.from(input)
  for (let i = random.integer(1, 4); i > 0; i--) bytes = mutateOnce(random, bytes, others)
  return bytes.length > maxLength ? bytes.subarray(0, maxLength) : bytes
}
