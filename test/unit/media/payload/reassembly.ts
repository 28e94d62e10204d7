/** The receiver's side as the payload formats describe it, written apart from what is tested, as simple as it can be. It trusts its input. */

const START_CODE = Buffer.of(0, 0, 1)

/** Behind the descriptor of RFC 7741, section 4.2. */
export function vp8Data(payload: Uint8Array): { id: number; start: boolean; data: Uint8Array } {
  const [first = 0, flags = 0, high = 0, low = 0] = payload
  if ((first & 0xe7) !== 0x80 || flags !== 0x80 || high < 0x80) throw new Error('not the descriptor that is meant')
  return { id: ((high & 0x7f) << 8) | low, start: (first & 0x10) !== 0, data: payload.subarray(4) }
}

export interface Vp9Part {
  readonly id: number
  readonly flags: number
  readonly size: readonly [number, number] | undefined
  readonly data: Uint8Array
}

/** Behind the descriptor of RFC 9628, section 4.2. */
export function vp9Data(payload: Uint8Array): Vp9Part {
  const bytes = Buffer.from(payload)
  const flags = bytes.readUInt8(0)
  const id = bytes.readUInt16BE(1) & 0x7fff
  const hasStructure = (flags & 0x02) !== 0
  if (hasStructure && bytes[3] !== 0x10) throw new Error('not the structure that is meant')
  const size = hasStructure ? ([bytes.readUInt16BE(4), bytes.readUInt16BE(6)] as const) : undefined
  return { id, flags, size, data: bytes.subarray(hasStructure ? 8 : 3) }
}

/** Units of RFC 6184 (STAP-A, FU-A) or RFC 7798 (AP, FU). */
export function nalUnits(codec: 'H264' | 'H265', payloads: readonly Uint8Array[]): Buffer[] {
  const headerLength = codec === 'H264' ? 1 : 2
  const typeOf = (payload: Buffer): number => (codec === 'H264' ? payload[0]! & 0x1f : (payload[0]! >> 1) & 0x3f)
  const [aggregate, fragment] = codec === 'H264' ? [24, 28] : [48, 49]
  const units: Buffer[] = []
  let open: Buffer[] | undefined
  for (const payload of payloads.map((bytes) => Buffer.from(bytes))) {
    if (open !== undefined && typeOf(payload) !== fragment) throw new Error('a unit without end')
    if (typeOf(payload) === aggregate) {
      for (let at = headerLength; at < payload.length; at += 2 + payload.readUInt16BE(at)) {
        units.push(payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)))
      }
    } else if (typeOf(payload) === fragment) {
      const header = payload[headerLength]!
      if ((header & 0xc0) === 0xc0) throw new Error('a fragment that is all of its unit')
      if ((header & 0x80) !== 0) {
        if (open !== undefined) throw new Error('a unit begins within another')
        const type = header & 0x3f
        const unitHeader = Buffer.from(payload.subarray(0, headerLength))
        unitHeader[0] = codec === 'H264' ? (unitHeader[0]! & 0xe0) | type : (unitHeader[0]! & 0x81) | (type << 1)
        open = [unitHeader]
      }
      if (open === undefined) throw new Error('a fragment of nothing')
      open.push(payload.subarray(headerLength + 1))
      if ((header & 0x40) !== 0) {
        units.push(Buffer.concat(open))
        open = undefined
      }
    } else units.push(payload)
  }
  if (open !== undefined) throw new Error('a unit without end')
  return units
}

/** Sizes of AV1 have up to 8 bytes. */
function leb128(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0
  for (let i = 0; ; i++) {
    const byte = bytes[at + i]!
    value += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return [value, at + i + 1]
  }
}

/** OBUs without size fields. */
export function av1Units(payloads: readonly Uint8Array[]): Buffer[] {
  const units: Buffer[] = []
  let open: Uint8Array[] = []
  for (const payload of payloads) {
    const header = payload[0]!
    const count = (header >> 4) & 0x03
    if (((header & 0x80) !== 0) !== open.length > 0) throw new Error('Z does not say what Y said')
    for (let at = 1, i = 0; at < payload.length; i++) {
      const isLast = i === count - 1
      const [size, start] = isLast ? [payload.length - at, at] : leb128(payload, at)
      if (size === 0) throw new Error('an empty element')
      open.push(payload.subarray(start, start + size))
      at = start + size
      if (isLast !== (at === payload.length)) throw new Error('W does not count the elements')
      if (isLast && (header & 0x40) !== 0) continue
      units.push(Buffer.concat(open))
      open = []
    }
  }
  if (open.length > 0) throw new Error('an OBU without end')
  return units
}

/** The OBUs of a temporal unit in the same form, without those that RTP does not carry. The last one may have no size. */
export function av1UnitsOf(frame: Uint8Array): Buffer[] {
  const units: Buffer[] = []
  for (let at = 0; at < frame.length; ) {
    const header = frame[at]!
    const headerLength = (header & 4) !== 0 ? 2 : 1
    const hasSize = (header & 2) !== 0
    const dataAt = at + headerLength
    const [size, start] = hasSize ? leb128(frame, dataAt) : [frame.length - dataAt, dataAt]
    const type = (header >> 3) & 15
    const head = [header & ~2, ...frame.subarray(at + 1, at + headerLength)]
    if (![2, 8, 15].includes(type)) units.push(Buffer.concat([Buffer.from(head), frame.subarray(start, start + size)]))
    at = start + size
  }
  return units
}

/** The units of an access unit, by cutting it at every start code, without delimiters and filler. */
export function nalUnitsOf(codec: 'H264' | 'H265', frame: Uint8Array): Buffer[] {
  const bytes = Buffer.from(frame)
  const units: Buffer[] = []
  for (let at = bytes.indexOf(START_CODE); at >= 0; ) {
    const next = bytes.indexOf(START_CODE, at + 3)
    let end = next < 0 ? bytes.length : next
    while (end > at + 3 && bytes[end - 1] === 0) end--
    if (end > at + 3) units.push(bytes.subarray(at + 3, end))
    at = next
  }
  const left = codec === 'H264' ? [9, 12] : [35, 38]
  return units.filter((unit) => !left.includes(codec === 'H264' ? unit[0]! & 0x1f : (unit[0]! >> 1) & 0x3f))
}
