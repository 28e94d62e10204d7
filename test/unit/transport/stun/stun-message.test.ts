import { createHash, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { integrityKey, verifyFingerprint, verifyIntegrity } from '../../../../src/transport/stun/stun-integrity.js'
import { StunMessage, sameTransaction } from '../../../../src/transport/stun/stun-message.js'
import { STUN_ATTRIBUTE, STUN_CLASS } from '../../../../src/transport/stun/stun-types.js'
import { StunWriter } from '../../../../src/transport/stun/stun-writer.js'
import {
  SAMPLE_IPV4_RESPONSE,
  SAMPLE_IPV6_RESPONSE,
  SAMPLE_LONG_TERM_REQUEST,
  SAMPLE_REQUEST,
  VECTOR_PASSWORD,
} from './stun-fixtures.js'

const VECTORS = [SAMPLE_REQUEST, SAMPLE_IPV4_RESPONSE, SAMPLE_IPV6_RESPONSE, SAMPLE_LONG_TERM_REQUEST]
const KEY = integrityKey(VECTOR_PASSWORD)
const TRANSACTION = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex')

function parsed(buffer: Buffer): StunMessage {
  const message = new StunMessage()
  expect(message.parse(buffer, 0, buffer.length)).toBe(true)
  return message
}

/** A Binding request with these attributes as raw type, value pairs. */
function rawMessage(...attributes: [type: number, value: Buffer][]): Buffer {
  const parts = attributes.map(([type, value]) => {
    const part = Buffer.alloc(4 + ((value.length + 3) & ~3))
    part.writeUInt16BE(type, 0)
    part.writeUInt16BE(value.length, 2)
    value.copy(part, 4)
    return part
  })
  const body = Buffer.concat(parts)
  const head = Buffer.from('000100002112a442000000000000000000000000', 'hex')
  head.writeUInt16BE(body.length, 2)
  return Buffer.concat([head, body])
}

describe('the vectors of RFC 5769', () => {
  test('the request is read, and its integrity and fingerprint hold', () => {
    const message = parsed(SAMPLE_REQUEST)
    expect(message).toMatchObject({ method: 1, stunClass: STUN_CLASS.request, priority: 0x6e0001ff })
    expect(message).toMatchObject({ iceControlled: true, iceControlling: false, useCandidate: false })
    expect(message.username).toBe('evtj:h6vY')
    expect(message.receiverUfrag).toBe('evtj')
    expect(message.unknownAttributes).toEqual([])
    expect(verifyIntegrity(message, KEY)).toBe(true)
    expect(verifyFingerprint(message)).toBe(true)
    expect(verifyIntegrity(message, integrityKey('VOkJxbRl1RmTxUk/WvJxBu'))).toBe(false)
  })

  test.each([
    ['IPv4', SAMPLE_IPV4_RESPONSE, { ip: '192.0.2.1', port: 32853 }],
    ['IPv6', SAMPLE_IPV6_RESPONSE, { ip: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 }],
  ])('the %s response is read, and its integrity and fingerprint hold', (_name, buffer, address) => {
    const message = parsed(buffer)
    expect(message.stunClass).toBe(STUN_CLASS.success)
    expect(message.readXorMappedAddress()).toEqual(address)
    expect(verifyIntegrity(message, KEY)).toBe(true)
    expect(verifyFingerprint(message)).toBe(true)
  })

  test('the integrity of the long-term request holds under its key', () => {
    const message = parsed(SAMPLE_LONG_TERM_REQUEST)
    const user = message.buffer.toString(
      'utf8',
      message.usernameOffset,
      message.usernameOffset + message.usernameLength,
    )
    const key = createHash('md5').update(`${user}:example.org:TheMatrIX`).digest()
    expect(verifyIntegrity(message, createSecretKey(key))).toBe(true)
    // Without a fingerprint there is nothing to be wrong.
    expect(verifyFingerprint(message)).toBe(true)
  })

  test.each([
    ['IPv4', SAMPLE_IPV4_RESPONSE, '192.0.2.1', 4],
    ['IPv6', SAMPLE_IPV6_RESPONSE, '2001:db8:1234:5678:11:2233:4455:6677', 6],
  ] as const)('the writer makes the %s response, but for its SOFTWARE', (_name, vector, ip, family) => {
    const buffer = Buffer.alloc(200, 0xff)
    const writer = new StunWriter()
    writer.begin(buffer, 7, STUN_CLASS.success, TRANSACTION, 0)
    writer.xorMappedAddress(ip, family, 32853)
    writer.integrity(KEY)
    writer.fingerprint()
    const length = writer.finish()
    const mapped = vector.subarray(36, 36 + (family === 4 ? 12 : 24))
    expect(buffer.subarray(27, 27 + mapped.length)).toEqual(mapped)
    const message = new StunMessage()
    expect(message.parse(buffer, 7, 7 + length)).toBe(true)
    expect(verifyIntegrity(message, KEY)).toBe(true)
    expect(verifyFingerprint(message)).toBe(true)
    expect(sameTransaction(buffer, message.transactionOffset, vector, 8)).toBe(true)
  })
})

describe('reading', () => {
  test('every truncation of every vector is refused', () => {
    const message = new StunMessage()
    for (const vector of VECTORS) {
      for (let end = 0; end < vector.length; end++) expect(message.parse(vector, 0, end)).toBe(false)
    }
  })

  test('a truncation that adjusts the length field loses the integrity', () => {
    for (let end = 20; end < SAMPLE_REQUEST.length; end += 4) {
      const cut = Buffer.from(SAMPLE_REQUEST.subarray(0, end))
      cut.writeUInt16BE(end - 20, 2)
      const message = new StunMessage()
      // Up to the fingerprint it is protected; the fingerprint itself may be missing.
      if (message.parse(cut, 0, end)) expect(verifyIntegrity(message, KEY)).toBe(end === SAMPLE_REQUEST.length - 8)
    }
  })

  test('every changed byte breaks the message, its integrity or its fingerprint', () => {
    for (const vector of [SAMPLE_REQUEST, SAMPLE_IPV4_RESPONSE, SAMPLE_IPV6_RESPONSE]) {
      for (let i = 0; i < vector.length; i++) {
        const changed = Buffer.from(vector)
        changed[i] = (changed[i] as number) ^ 0x01
        const message = new StunMessage()
        const holds =
          message.parse(changed, 0, changed.length) && verifyIntegrity(message, KEY) && verifyFingerprint(message)
        expect(holds && message.fingerprintOffset >= 0, `byte ${i}`).toBe(false)
      }
    }
  })

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        const message = new StunMessage()
        message.parse(Buffer.from(random), 0, random.length)
      }),
    )
  })

  test('random attributes in a well-formed frame never throw, nor do the checks of what was accepted', () => {
    const types = [...Object.values(STUN_ATTRIBUTE), 0x7fff, 0xffff]
    const attribute = fc.tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 32 }).map(Buffer.from))
    fc.assert(
      fc.property(fc.array(attribute, { maxLength: 10 }), (attributes) => {
        const buffer = rawMessage(...attributes)
        const message = new StunMessage()
        if (!message.parse(buffer, 0, buffer.length)) return
        verifyIntegrity(message, KEY)
        verifyFingerprint(message)
        message.readXorMappedAddress()
        expect(typeof message.receiverUfrag).toBe('string')
      }),
    )
  })

  test('attributes behind the integrity are ignored, as they are not protected', () => {
    const mac = Buffer.alloc(20)
    const message = parsed(
      rawMessage(
        [STUN_ATTRIBUTE.username, Buffer.from('a:b')],
        [STUN_ATTRIBUTE.messageIntegrity, mac],
        [STUN_ATTRIBUTE.useCandidate, Buffer.alloc(0)],
        [STUN_ATTRIBUTE.username, Buffer.from('c:d')],
        [0x7ffe, Buffer.alloc(4)],
      ),
    )
    expect(message.useCandidate).toBe(false)
    expect(message.username).toBe('a:b')
    expect(message.unknownAttributes).toEqual([])
  })

  test('of a repeated attribute the first one counts', () => {
    const message = parsed(
      rawMessage([STUN_ATTRIBUTE.username, Buffer.from('a:b')], [STUN_ATTRIBUTE.username, Buffer.from('c:d')]),
    )
    expect(message.username).toBe('a:b')
  })

  test('unknown attributes are listed if they must be understood, up to a bound', () => {
    const none = Buffer.alloc(0)
    expect(parsed(rawMessage([0x7001, none], [0xc057, none])).unknownAttributes).toEqual([0x7001])
    const many = Array.from({ length: 20 }, (_, i): [number, Buffer] => [0x7000 + i, none])
    expect(parsed(rawMessage(...many)).unknownAttributes).toHaveLength(4)
  })

  test.each([
    [
      'a fingerprint that is not last',
      rawMessage([STUN_ATTRIBUTE.fingerprint, Buffer.alloc(4)], [0x8022, Buffer.alloc(0)]),
    ],
    ['an integrity of another length', rawMessage([STUN_ATTRIBUTE.messageIntegrity, Buffer.alloc(16)])],
    ['an empty PRIORITY', rawMessage([STUN_ATTRIBUTE.priority, Buffer.alloc(0)])],
    ['a USE-CANDIDATE with a value', rawMessage([STUN_ATTRIBUTE.useCandidate, Buffer.alloc(1)])],
    ['an address of an unknown family', rawMessage([STUN_ATTRIBUTE.xorMappedAddress, Buffer.alloc(8)])],
    ['an error below 300', rawMessage([STUN_ATTRIBUTE.errorCode, Buffer.from([0, 0, 2, 0])])],
    ['a USERNAME beyond 513 bytes', rawMessage([STUN_ATTRIBUTE.username, Buffer.alloc(516)])],
  ])('%s is refused', (_name, buffer) => {
    expect(new StunMessage().parse(buffer, 0, buffer.length)).toBe(false)
  })

  test('nothing of the last message is left in the next one', () => {
    const message = new StunMessage()
    expect(message.parse(SAMPLE_REQUEST, 0, SAMPLE_REQUEST.length)).toBe(true)
    const bare = rawMessage()
    expect(message.parse(bare, 0, bare.length)).toBe(true)
    expect(message).toMatchObject({ priority: undefined, iceControlled: false, errorCode: 0 })
    expect(message).toMatchObject({
      usernameOffset: -1,
      integrityOffset: -1,
      fingerprintOffset: -1,
      xorMappedOffset: -1,
    })
    expect(message.username).toBe('')
    expect(message.receiverUfrag).toBe('')
    expect(verifyIntegrity(message, KEY)).toBe(false)
  })
})

test('what the writer wrote is read back', () => {
  const ufrag = fc.string({ unit: fc.constantFrom(...'abcXYZ019+/'), minLength: 4, maxLength: 256 })
  fc.assert(
    fc.property(
      fc.record({
        start: fc.nat(9),
        username: fc.tuple(ufrag, ufrag).map((pair) => pair.join(':')),
        priority: fc.nat(0xffffffff),
        useCandidate: fc.boolean(),
        role: fc.constantFrom('controlling' as const, 'controlled' as const),
        tieBreaker: fc.bigInt(0n, 2n ** 64n - 1n),
        errorCode: fc.integer({ min: 300, max: 699 }),
        unknown: fc.array(fc.nat(0x7fff), { maxLength: 3 }),
        ip: fc.oneof(fc.ipV4(), fc.ipV6()),
        port: fc.integer({ min: 1, max: 65535 }),
        stunClass: fc.constantFrom(...Object.values(STUN_CLASS)),
        password: ufrag,
      }),
      (given) => {
        const buffer = Buffer.alloc(1200, 0xee)
        const writer = new StunWriter()
        const family = given.ip.includes(':') ? 6 : 4
        writer.begin(buffer, given.start, given.stunClass, TRANSACTION, 0)
        writer.username(given.username)
        writer.priority(given.priority)
        writer.role(given.role, given.tieBreaker)
        if (given.useCandidate) writer.useCandidate()
        writer.errorCode(given.errorCode)
        writer.unknownAttributes(given.unknown)
        writer.xorMappedAddress(given.ip, family, given.port)
        writer.integrity(integrityKey(given.password))
        writer.fingerprint()
        const end = given.start + writer.finish()

        const message = new StunMessage()
        expect(message.parse(buffer, given.start, end)).toBe(true)
        const { username, priority, useCandidate, errorCode, stunClass } = given
        expect(message).toMatchObject({ method: 1, username, priority, useCandidate, errorCode, stunClass })
        expect(message.iceControlling).toBe(given.role === 'controlling')
        expect(message.iceControlled).toBe(given.role === 'controlled')
        expect(message.readXorMappedAddress()?.port).toBe(given.port)
        if (family === 4) expect(message.readXorMappedAddress()?.ip).toBe(given.ip)
        expect(verifyIntegrity(message, integrityKey(given.password))).toBe(true)
        expect(verifyFingerprint(message)).toBe(true)
        expect(buffer[end]).toBe(0xee)
      },
    ),
  )
})
