/** A peer made of plain bytes and an engine that computes nothing: what the guards see can be chosen message by message. */
import { createPrivateKey, sign, X509Certificate } from 'node:crypto'
import type { HandshakeEngine } from '../../../../src/transport/dtls/handshake-engine.js'
import {
  createHandshakeMessage,
  HANDSHAKE_TYPE,
  type HandshakeMessage,
} from '../../../../src/transport/dtls/handshake-message.js'
import { EXTENSION, writeUint16List } from '../../../../src/transport/dtls/hello.js'
import { writeRecord } from '../../../../src/transport/dtls/record.js'
import { writeUseSrtp } from '../../../../src/transport/dtls/srtp-keying.js'
import { generateDtlsIdentity } from '../../../../src/transport/dtls.js'
import type { DtlsIdentity } from '../../../../src/transport/types.js'
import { SRTP_PROFILES } from '../../../../src/transport/types.js'

export const peer: DtlsIdentity = await generateDtlsIdentity()
export const stranger: DtlsIdentity = await generateDtlsIdentity()
export const masterSecret = Buffer.alloc(48, 0x42)
export const clientRandom = Buffer.alloc(32, 0xc1)
export const serverRandom = Buffer.alloc(32, 0x5e)
export const PUBLIC_KEY = Buffer.alloc(32, 9)

const certificateOf = (identity: DtlsIdentity) => new X509Certificate(identity.certificatePem).raw

function vector(lengthBytes: number, body: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes)
  length.writeUIntBE(body.length, 0, lengthBytes)
  return Buffer.concat([length, body])
}

export const CLIENT_EXTENSIONS: [number, Buffer][] = [
  [EXTENSION.supportedGroups, writeUint16List([29])],
  [EXTENSION.signatureAlgorithms, writeUint16List([0x0403])],
  [EXTENSION.useSrtp, writeUseSrtp(SRTP_PROFILES)],
  [EXTENSION.extendedMasterSecret, Buffer.alloc(0)],
]

function extensionList(extensions: readonly [number, Buffer][]): Buffer {
  const parts = extensions.map(([type, data]) => {
    const head = Buffer.alloc(2)
    head.writeUInt16BE(type)
    return Buffer.concat([head, vector(2, data)])
  })
  return vector(2, Buffer.concat(parts))
}

export function clientHelloBody(cookie: Buffer, random = clientRandom): Buffer {
  return Buffer.concat([
    Buffer.from('fefd', 'hex'),
    random,
    Buffer.from([0]),
    vector(1, cookie),
    Buffer.from('0002c02b0100', 'hex'),
    extensionList(CLIENT_EXTENSIONS),
  ])
}

export function serverHelloBody(
  options: { version?: string; suite?: number; compression?: number; extensions?: [number, Buffer][] } = {},
): Buffer {
  const suite = Buffer.alloc(2)
  suite.writeUInt16BE(options.suite ?? 0xc02b)
  return Buffer.concat([
    Buffer.from(options.version ?? 'fefd', 'hex'),
    serverRandom,
    Buffer.from([0]),
    suite,
    Buffer.from([options.compression ?? 0]),
    extensionList(options.extensions ?? [[EXTENSION.useSrtp, writeUseSrtp(['AEAD_AES_128_GCM'])]]),
  ])
}

export function certificateBody(...identities: DtlsIdentity[]): Buffer {
  return vector(3, Buffer.concat(identities.map((identity) => vector(3, certificateOf(identity)))))
}

export const clientKeyExchangeBody = vector(1, PUBLIC_KEY)

export function certificateVerifyBody(
  transcript: readonly Buffer[],
  identity = peer,
  hash = 'sha256',
  scheme = '0403',
): Buffer {
  const signature = sign(hash, Buffer.concat(transcript), createPrivateKey(identity.privateKeyPem))
  return Buffer.concat([Buffer.from(scheme, 'hex'), vector(2, signature)])
}

export function serverKeyExchangeBody(
  options: { identity?: DtlsIdentity; random?: Buffer; publicKey?: Buffer; hash?: string; scheme?: string } = {},
): Buffer {
  const params = Buffer.concat([Buffer.from('03001d', 'hex'), vector(1, options.publicKey ?? PUBLIC_KEY)])
  const signed = [options.random ?? clientRandom, serverRandom, params]
  return Buffer.concat([params, certificateVerifyBody(signed, options.identity, options.hash, options.scheme)])
}

/** An engine that answers messages of these types with these messages, and remembers what it was fed. */
export class ScriptedEngine implements HandshakeEngine {
  readonly masterSecret = masterSecret
  readonly taken: Buffer[] = []
  readonly #answers: ReadonlyMap<number, readonly HandshakeMessage[]>

  constructor(answers: ReadonlyMap<number, readonly HandshakeMessage[]>) {
    this.#answers = answers
  }

  async start(): Promise<Buffer[]> {
    return this.#records(0)
  }

  async take(message: Buffer): Promise<Buffer[]> {
    this.taken.push(message)
    return this.#records(message[0] as number)
  }

  seal(): Buffer {
    return Buffer.alloc(0)
  }

  open(): Buffer | undefined {
    return undefined
  }

  endHandshake(): void {}

  #records(type: number): Buffer[] {
    return (this.#answers.get(type) ?? []).map(({ bytes }) => writeRecord(22, 0, 0, bytes))
  }
}

export const message = createHandshakeMessage
export const TYPE = HANDSHAKE_TYPE
