/** Datagrams that nobody should send: random, and shaped like STUN, DTLS, RTP and RTCP. Seeded, so that a failure can be repeated. */
import type { SeededRandom } from '../../src/testing/seeded-random.js'

/** What an attacker may know of a live session. */
export interface KnownSession {
  /** A ufrag that the server has, as in its answer. */
  readonly ufrag: string
  /** Datagrams that real peers have sent, to be mutated. */
  readonly samples: readonly Buffer[]
}

/** The next piece of garbage. */
export function garbage(random: SeededRandom, known: KnownSession): Buffer {
  switch (below(random, 6)) {
    case 0:
      return bytes(random, below(random, 1500))
    case 1:
      return stunLike(random, known)
    case 2:
      return dtlsLike(random)
    case 3:
      return rtpLike(random)
    case 4:
      return rtcpLike(random)
    default:
      return mutated(random, known.samples)
  }
}

function stunLike(random: SeededRandom, known: KnownSession): Buffer {
  const attributes = Array.from({ length: below(random, 6) }, () => {
    const types = [0x0006, 0x0008, 0x0009, 0x0020, 0x0024, 0x0025, 0x8028, 0x8029, 0x802a, below(random, 0x10000)]
    const type = types[below(random, types.length)] as number
    const value = type === 0x0006 ? Buffer.from(`${known.ufrag}:x`) : bytes(random, below(random, 40))
    const head = Buffer.alloc(4)
    head.writeUInt16BE(type, 0)
    head.writeUInt16BE(below(random, 10) === 0 ? below(random, 0x10000) : value.length, 2)
    return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)])
  })
  const body = Buffer.concat(attributes)
  const header = Buffer.concat([Buffer.alloc(8), bytes(random, 12)])
  header.writeUInt16BE([0x0001, 0x0101, 0x0111, 0x0011, 0x0003][below(random, 5)] as number, 0)
  header.writeUInt16BE(below(random, 10) === 0 ? below(random, 0x10000) : body.length, 2)
  header.writeUInt32BE(0x2112a442, 4)
  return Buffer.concat([header, body])
}

function dtlsLike(random: SeededRandom): Buffer {
  const body = bytes(random, below(random, 300))
  const header = bytes(random, 13)
  header[0] = 20 + below(random, 6)
  header.writeUInt16BE(0xfefd, 1)
  header.writeUInt16BE(below(random, 3), 3)
  header.writeUInt16BE(below(random, 10) === 0 ? below(random, 0x10000) : body.length, 11)
  if (body.length > 12 && header[0] === 22) {
    body[0] = [0, 1, 2, 3, 11, 12, 13, 14, 15, 16, 20][below(random, 11)] as number
    body.writeUIntBE(below(random, 2) === 0 ? body.length - 12 : below(random, 0x1000000), 1, 3)
  }
  return Buffer.concat([header, body])
}

function rtpLike(random: SeededRandom): Buffer {
  const packet = bytes(random, 12 + below(random, 1200))
  packet[0] = 0x80 | (below(random, 2) << 4) | (below(random, 2) << 5) | below(random, 16)
  packet[1] = 96 | (below(random, 2) << 7)
  return packet
}

function rtcpLike(random: SeededRandom): Buffer {
  const packet = bytes(random, 4 * random.integer(1, 59))
  packet[0] = 0x80 | below(random, 32)
  packet[1] = 200 + below(random, 8)
  packet.writeUInt16BE(below(random, 3) === 0 ? below(random, 0x10000) : packet.length / 4 - 1, 2)
  return packet
}

function mutated(random: SeededRandom, samples: readonly Buffer[]): Buffer {
  const sample = samples[below(random, samples.length)]
  if (!sample) return bytes(random, 100)
  const copy = Buffer.from(sample)
  for (let i = random.integer(1, 7); i > 0 && copy.length > 0; i--) {
    copy[below(random, copy.length)] = below(random, 256)
  }
  return copy.subarray(0, below(random, 4) === 0 ? below(random, copy.length + 1) : copy.length)
}

/** A whole number from 0 up to, not including, `limit`. */
function below(random: SeededRandom, limit: number): number {
  return random.integer(0, limit - 1)
}

function bytes(random: SeededRandom, length: number): Buffer {
  const filled = Buffer.alloc(length)
  for (let i = 0; i < length; i++) filled[i] = random.uint32()
  return filled
}
