/** The DTLS 1.2 record layer: headers in and out (RFC 6347, section 4.1). */

/** What a record carries (RFC 5246, section 6.2.1). */
export const CONTENT_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const

/** Length of a record's header. */
export const RECORD_HEADER_BYTES = 13

/** The protocol version of DTLS 1.2 on the wire. */
export const DTLS_1_2 = 0xfefd

const DTLS_1_0 = 0xfeff
/** 2^14 of plaintext and what a cipher may add (RFC 5246, section 6.2.3). */
const MAX_FRAGMENT_BYTES = 16384 + 2048

/** One record; `fragment` is a view on the datagram. */
export interface DtlsRecord {
  readonly contentType: number
  readonly version: number
  readonly epoch: number
  readonly sequence: number
  readonly fragment: Buffer
}

/** The record at `offset` of the datagram, or undefined if there is no well-formed one. */
export function readRecord(datagram: Buffer, offset: number): DtlsRecord | undefined {
  if (offset + RECORD_HEADER_BYTES > datagram.length) return undefined
  const version = datagram.readUInt16BE(offset + 1)
  // The first ClientHello of many stacks travels under the version number of DTLS 1.0.
  if (version !== DTLS_1_2 && version !== DTLS_1_0) return undefined
  const length = datagram.readUInt16BE(offset + 11)
  const start = offset + RECORD_HEADER_BYTES
  if (length === 0 || length > MAX_FRAGMENT_BYTES || start + length > datagram.length) return undefined
  return {
    contentType: datagram.readUInt8(offset),
    version,
    epoch: datagram.readUInt16BE(offset + 3),
    sequence: datagram.readUIntBE(offset + 5, 6),
    fragment: datagram.subarray(start, start + length),
  }
}

/** All well-formed records of a datagram that this side made. */
export function readRecords(datagrams: readonly Buffer[]): DtlsRecord[] {
  const records: DtlsRecord[] = []
  for (const datagram of datagrams) {
    let offset = 0
    for (let record = readRecord(datagram, 0); record !== undefined; record = readRecord(datagram, offset)) {
      records.push(record)
      offset += RECORD_HEADER_BYTES + record.fragment.length
    }
  }
  return records
}

/** The bytes of a record. */
export function writeRecord(contentType: number, epoch: number, sequence: number, fragment: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_HEADER_BYTES + fragment.length)
  bytes.writeUInt8(contentType, 0)
  bytes.writeUInt16BE(DTLS_1_2, 1)
  bytes.writeUInt16BE(epoch, 3)
  bytes.writeUIntBE(sequence, 5, 6)
  bytes.writeUInt16BE(fragment.length, 11)
  fragment.copy(bytes, RECORD_HEADER_BYTES)
  return bytes
}
