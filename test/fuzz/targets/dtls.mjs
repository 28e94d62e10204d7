/** DTLS below the handshake: records, fragments and their reassembly, and the readers of every message. */
import { readAlert } from '../../../dist/transport/dtls/alert.js'
import { certificateKeyKind } from '../../../dist/transport/dtls/certificate-key.js'
import {
  readCertificate,
  readCertificateVerify,
  readClientKeyExchange,
  readServerKeyExchange,
} from '../../../dist/transport/dtls/certificate-messages.js'
import { readFragments } from '../../../dist/transport/dtls/handshake-message.js'
import { HandshakeReassembler, MAX_BUFFERED_BYTES } from '../../../dist/transport/dtls/handshake-reassembler.js'
import {
  readClientHello,
  readHelloVerifyRequest,
  readServerHello,
  writeClientHello,
  writeUint16List,
} from '../../../dist/transport/dtls/hello.js'
import { agreeOnHello } from '../../../dist/transport/dtls/hello-agreement.js'
import { readRecord, writeRecord } from '../../../dist/transport/dtls/record.js'
import { readUseSrtp, writeUseSrtp } from '../../../dist/transport/dtls/srtp-keying.js'
import { SRTP_PROFILES } from '../../../dist/transport/types.js'
import { mutateBytes } from '../engine/mutate-bytes.mjs'
import { must } from '../engine/oracles.mjs'

const HANDSHAKE = 22
const ECDSA = 3
const AES_128_GCM = 0x1301

/** A handshake message in one record, or in pieces of that length. */
function message(type, seq, body, piece = 65_536) {
  const records = []
  for (let at = 0; at === 0 || at < body.length; at += piece) {
    const part = body.subarray(at, at + piece)
    const head = Buffer.alloc(12)
    head[0] = type
    head.writeUIntBE(body.length, 1, 3)
    head.writeUInt16BE(seq, 4)
    head.writeUIntBE(at, 6, 3)
    head.writeUIntBE(part.length, 9, 3)
    records.push(writeRecord(HANDSHAKE, 0, records.length, Buffer.concat([head, part])))
  }
  return Buffer.concat(records)
}

function clientHello() {
  return writeClientHello(Buffer.alloc(32, 1), 0xc02b, [
    [10, writeUint16List([29, 23])],
    [13, writeUint16List([0x0403, 0x0401])],
    [14, writeUseSrtp(SRTP_PROFILES)],
    [23, Buffer.alloc(0)],
    [0xff01, Buffer.from([0])],
  ])
}

function seeds() {
  const certificate = Buffer.concat([Buffer.from([0, 0, 23, 0, 0, 20]), Buffer.alloc(20, 0x30)])
  const keyExchange = Buffer.concat([Buffer.from([3, 0, 23, 4, 1, 2, 3, 4, 4, 3, 0, 5]), Buffer.alloc(5)])
  return [
    message(1, 0, clientHello()),
    message(1, 0, clientHello(), 30),
    Buffer.concat([
      message(11, 0, certificate),
      message(16, 1, Buffer.from([2, 4, 5])),
      message(15, 2, Buffer.from([4, 3, 0, 2, 9, 9])),
    ]),
    Buffer.concat([message(3, 0, Buffer.from([254, 253, 4, 1, 2, 3, 4])), message(12, 1, keyExchange, 7)]),
    Buffer.concat([writeRecord(20, 0, 3, Buffer.from([1])), writeRecord(21, 0, 4, Buffer.from([2, 40]))]),
  ]
}

function run(input) {
  const reassembler = new HandshakeReassembler()
  let offset = 0
  for (let count = 0; ; count++) {
    const record = readRecord(input, offset)
    if (record === undefined) break
    must(count <= input.length / 14, 'records come to an end')
    const { fragment } = record
    must(fragment.length > 0 && offset + 13 + fragment.length <= input.length, 'a record lies within the datagram')
    offset += 13 + fragment.length
    readAlert(fragment)
    readBodies(fragment)
    for (const piece of readFragments(fragment) ?? []) {
      must(piece.offset + piece.body.length <= piece.length, 'a fragment lies within its message')
      reassembler.push(piece, record.epoch > 0)
      must(reassembler.bufferedBytes <= MAX_BUFFERED_BYTES, 'what waits is bounded')
    }
    for (let whole = reassembler.peek(); whole !== undefined; whole = reassembler.peek()) {
      must(whole.bytes.length === 12 + whole.body.length, 'a message is whole')
      readBodies(whole.body)
      reassembler.advance()
    }
  }
}

/** Every reader on the same bytes, whatever message they are. */
function readBodies(body) {
  const hello = readClientHello(body)
  if (hello) {
    const agreed = agreeOnHello(hello, SRTP_PROFILES, ECDSA)
    if ('parameters' in agreed) must(agreed.parameters.cipherSuite !== AES_128_GCM, 'a suite is one of ours')
    for (const data of hello.extensions.values()) readUseSrtp(data)
  }
  readServerHello(body)
  readHelloVerifyRequest(body)
  const certificate = readCertificate(body)
  must(certificate === undefined || certificate === 'none' || certificate.length > 0, 'a certificate has bytes')
  certificateKeyKind(certificate instanceof Buffer ? certificate : body)
  readCertificateVerify(body)
  const exchange = readServerKeyExchange(body)
  if (exchange) must(exchange.params.length <= body.length, 'what is signed lies within the message')
  readClientKeyExchange(body)
}

export const target = { seeds, mutate: mutateBytes, maxLength: 8000, run }
