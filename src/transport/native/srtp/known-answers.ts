/**
 * Packets whose protected form is known, for a test before a foreign implementation is trusted: from RFC 7714, sections 16 and 17, and, for counter mode,
 * under the master key of RFC 3711, appendix B.3, the packets that SRTP implementations check themselves with.
 */
import type { CreateTransform } from '../../srtp/create-srtp.js'
import { type DirectionKeys, deriveSessionKeys } from '../../srtp/session-keys.js'
import type { SrtpTransform } from '../../srtp/srtp-transform.js'
import type { SrtpProfile } from '../../types.js'

interface KnownPacket {
  readonly isRtcp: boolean
  readonly plain: string
  readonly sealed: string
  readonly index: number
}

interface KnownAnswers {
  readonly profile: SrtpProfile
  readonly keys: DirectionKeys
  readonly packets: readonly KnownPacket[]
}

const GCM_SESSION = {
  encryptionKey: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
  authenticationKey: Buffer.alloc(0),
  salt: Buffer.from('517569642070726f2071756f', 'hex'),
}

const KNOWN_ANSWERS: readonly KnownAnswers[] = [
  {
    profile: 'AEAD_AES_128_GCM',
    keys: { rtp: GCM_SESSION, rtcp: GCM_SESSION },
    packets: [
      {
        isRtcp: false,
        index: 0xf17b,
        plain: '8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
        sealed:
          '8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
      },
      {
        isRtcp: true,
        index: 0x5d4,
        plain:
          '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
        sealed:
          '81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
      },
    ],
  },
  {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    keys: deriveSessionKeys(
      'AES_CM_128_HMAC_SHA1_80',
      Buffer.from('e1f97a0d3e018be0d64fa32c06de4139', 'hex'),
      Buffer.from('0ec675ad498afeebb6960b3aabe6', 'hex'),
    ),
    packets: [
      {
        isRtcp: false,
        index: 0x1234,
        plain: '800f1234decafbadcafebabeabababababababababababababababab',
        sealed: '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
      },
      {
        isRtcp: true,
        index: 1,
        plain: '81c8000bcafebabeabababababababababababababababab',
        sealed: '81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798',
      },
    ],
  },
]

/** How long a packet is that several implementations must agree on: their fast paths begin at some hundred bytes. */
const LONG_PACKET_BYTES = 1300
const RTP_HEADER_BYTES = 12

/** What `create` does wrong, in words; undefined if it gives every known answer, and agrees with `reference` on long packets. */
export function wrongAnswer(create: CreateTransform, reference: CreateTransform): string | undefined {
  for (const { profile, keys, packets } of KNOWN_ANSWERS) {
    const transform = create(profile, keys)
    try {
      for (const packet of [...packets, ...longPackets(reference(profile, keys))]) {
        const wrong = check(transform, packet)
        if (wrong !== undefined) return `${profile}: ${wrong}`
      }
    } finally {
      transform.close()
    }
  }
  return undefined
}

function check(transform: SrtpTransform, { isRtcp, plain, sealed, index }: KnownPacket): string | undefined {
  const kind = isRtcp ? 'SRTCP' : 'SRTP'
  const plainBytes = Buffer.from(plain, 'hex')
  const sealedBytes = Buffer.from(sealed, 'hex')
  const end = plainBytes.length
  const buffer = Buffer.alloc(sealedBytes.length)
  plainBytes.copy(buffer)
  const isSealed = isRtcp
    ? transform.sealRtcp(buffer, 0, end, index)
    : transform.sealRtp(buffer, 0, RTP_HEADER_BYTES, end, index)
  if (!isSealed || !buffer.equals(sealedBytes)) return `${kind} is sealed wrongly`
  const open = (): boolean =>
    isRtcp
      ? transform.openRtcp(buffer, 0, buffer.length, buffer.readUInt32BE(buffer.length - transform.rtcpWordFromEnd))
      : transform.openRtp(buffer, 0, RTP_HEADER_BYTES, buffer.length, index)
  // The last byte of the payload.
  buffer[end - 1] = (buffer[end - 1] as number) ^ 1
  const forged = Buffer.from(buffer)
  if (open() || !buffer.equals(forged)) return `forged ${kind} is opened`
  buffer[end - 1] = (buffer[end - 1] as number) ^ 1
  if (!open() || !buffer.subarray(0, end).equals(plainBytes)) return `${kind} is not opened`
  return undefined
}

/** One of each kind, beyond the first cycle of sequence numbers. */
function longPackets(reference: SrtpTransform): KnownPacket[] {
  return [false, true].map((isRtcp) => {
    const index = isRtcp ? 0x0102_0304 : 0x1_0203_0405
    const overhead = isRtcp ? reference.rtcpOverhead : reference.rtpOverhead
    const buffer = Buffer.alloc(LONG_PACKET_BYTES + overhead)
    for (let i = 0; i < LONG_PACKET_BYTES; i++) buffer[i] = (31 * i) & 0xff
    const plain = buffer.toString('hex', 0, LONG_PACKET_BYTES)
    if (isRtcp) reference.sealRtcp(buffer, 0, LONG_PACKET_BYTES, index)
    else reference.sealRtp(buffer, 0, RTP_HEADER_BYTES, LONG_PACKET_BYTES, index)
    return { isRtcp, plain, sealed: buffer.toString('hex'), index }
  })
}
