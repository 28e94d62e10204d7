/** ClientHello, ServerHello and HelloVerifyRequest (RFC 5246, section 7.4.1; RFC 6347, section 4.2.1). */
import { ByteReader } from './byte-reader.js'
import { DTLS_1_2 } from './record.js'

/** The extensions that play a part. */
export const EXTENSION = {
  supportedGroups: 10,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const

/** The cipher suites that the engine speaks (RFC 5289). */
export const CIPHER_SUITE = { ecdheEcdsaAes128Gcm: 0xc02b, ecdheRsaAes128Gcm: 0xc02f } as const

/** Length of the random value in either hello. */
export const RANDOM_BYTES = 32

const NULL_COMPRESSION = 0

export interface ClientHello {
  readonly version: number
  readonly random: Buffer
  readonly cookie: Buffer
  readonly cipherSuites: readonly number[]
  readonly offersNullCompression: boolean
  readonly extensions: ReadonlyMap<number, Buffer>
}

export interface ServerHello {
  readonly version: number
  readonly random: Buffer
  readonly cipherSuite: number
  readonly compression: number
  readonly extensions: ReadonlyMap<number, Buffer>
}

/** 16-bit numbers in a vector, or undefined if there is half a one. */
export function readUint16List(bytes: Buffer): number[] | undefined {
  if (bytes.length % 2 !== 0) return undefined
  const reader = new ByteReader(bytes)
  const list: number[] = []
  while (reader.remaining > 0) list.push(reader.uint16())
  return list
}

/** A hello may end before its extensions; twice the same one is an error (RFC 5246, section 7.4.1.4). */
function readExtensions(reader: ByteReader): Map<number, Buffer> | undefined {
  const extensions = new Map<number, Buffer>()
  if (reader.failed) return undefined
  if (reader.remaining === 0) return extensions
  const list = new ByteReader(reader.vector(2))
  while (list.remaining > 0) {
    const type = list.uint16()
    const data = list.vector(2)
    if (list.failed || extensions.has(type)) return undefined
    extensions.set(type, data)
  }
  return reader.complete ? extensions : undefined
}

/** The content of a ClientHello, or undefined if malformed. */
export function readClientHello(body: Buffer): ClientHello | undefined {
  const reader = new ByteReader(body)
  const version = reader.uint16()
  const random = reader.bytes(RANDOM_BYTES)
  const sessionId = reader.vector(1)
  const cookie = reader.vector(1)
  const cipherSuites = readUint16List(reader.vector(2))
  const offersNullCompression = reader.vector(1).includes(NULL_COMPRESSION)
  const extensions = readExtensions(reader)
  if (cipherSuites === undefined || extensions === undefined || sessionId.length > 32) return undefined
  return { version, random, cookie, cipherSuites, offersNullCompression, extensions }
}

/** The content of a ServerHello, or undefined if malformed. */
export function readServerHello(body: Buffer): ServerHello | undefined {
  const reader = new ByteReader(body)
  const version = reader.uint16()
  const random = reader.bytes(RANDOM_BYTES)
  const sessionId = reader.vector(1)
  const cipherSuite = reader.uint16()
  const compression = reader.uint8()
  const extensions = readExtensions(reader)
  if (extensions === undefined || sessionId.length > 32) return undefined
  return { version, random, cipherSuite, compression, extensions }
}

/** The cookie in a HelloVerifyRequest, or undefined if malformed. */
export function readHelloVerifyRequest(body: Buffer): Buffer | undefined {
  const reader = new ByteReader(body)
  reader.uint16()
  const cookie = reader.vector(1)
  return reader.complete && cookie.length > 0 ? cookie : undefined
}

/** The body of a HelloVerifyRequest. */
export function writeHelloVerifyRequest(cookie: Buffer): Buffer {
  return Buffer.concat([Buffer.from([DTLS_1_2 >> 8, DTLS_1_2 & 0xff, cookie.length]), cookie])
}

/** The body of a ClientHello without session, cookie and compression. */
export function writeClientHello(
  random: Buffer,
  cipherSuite: number,
  extensions: readonly (readonly [type: number, data: Buffer])[],
): Buffer {
  const head = Buffer.from([DTLS_1_2 >> 8, DTLS_1_2 & 0xff])
  const choices = Buffer.from([0, 0, 0, 2, cipherSuite >> 8, cipherSuite & 0xff, 1, NULL_COMPRESSION])
  const list = writeExtensions(extensions)
  return Buffer.concat([head, random, choices, list])
}

function writeExtensions(extensions: readonly (readonly [type: number, data: Buffer])[]): Buffer {
  const parts: Buffer[] = [Buffer.alloc(2)]
  let length = 0
  for (const [type, data] of extensions) {
    const header = Buffer.alloc(4)
    header.writeUInt16BE(type, 0)
    header.writeUInt16BE(data.length, 2)
    parts.push(header, data)
    length += 4 + data.length
  }
  parts[0]?.writeUInt16BE(length)
  return Buffer.concat(parts)
}

/** The extension data of one list of 16-bit numbers behind its length. */
export function writeUint16List(values: readonly number[]): Buffer {
  const data = Buffer.alloc(2 + values.length * 2)
  data.writeUInt16BE(values.length * 2, 0)
  values.forEach((value, index) => {
    data.writeUInt16BE(value, 2 + index * 2)
  })
  return data
}
