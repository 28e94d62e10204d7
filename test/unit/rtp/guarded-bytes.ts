/** Bytes that a parser may read only within its packet: one read outside of it is an error, so "reads nothing outside" is a test. */

export interface GuardedPacket {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

/** The packet in the middle of other bytes that must not be looked at. */
export function guarded(packet: Uint8Array, before = 5, after = 7): GuardedPacket {
  const target = Buffer.alloc(before + packet.length + after, 0xa5)
  target.set(packet, before)
  const start = before
  const end = before + packet.length
  const check = (at: number): void => {
    if (at < start || at >= end) throw new RangeError(`read at ${at}, outside [${start}, ${end})`)
  }
  const buffer = new Proxy(target, {
    get(_, key) {
      if (typeof key === 'string' && /^-?\d+$/.test(key)) check(Number(key))
      if (key === 'toString') {
        return (encoding: BufferEncoding, from: number, to: number) => {
          if (to > from) {
            check(from)
            check(to - 1)
          }
          return target.toString(encoding, from, to)
        }
      }
      return Reflect.get(target, key, target)
    },
  })
  return { buffer, start, end }
}

/** Every proper prefix of the packet, shortest first, each guarded. */
export function truncations(packet: Uint8Array): GuardedPacket[] {
  return Array.from({ length: packet.length }, (_, length) => guarded(packet.subarray(0, length)))
}
