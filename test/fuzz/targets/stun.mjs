/** STUN messages: the reader, the checks of what it has accepted, and that what was accepted lies within the datagram. */
import { integrityKey, verifyFingerprint, verifyIntegrity } from '../../../dist/transport/stun/stun-integrity.js'
import { StunMessage } from '../../../dist/transport/stun/stun-message.js'
import { STUN_CLASS } from '../../../dist/transport/stun/stun-types.js'
import { StunWriter } from '../../../dist/transport/stun/stun-writer.js'
import { mutateBytes } from '../engine/mutate-bytes.mjs'
import { must, readInTwoPlaces } from '../engine/oracles.mjs'

const KEY = integrityKey('local-password-of-24-chr')
const message = new StunMessage()

/** A whole message whose attributes are written by `fill`. */
function stun(stunClass, fill) {
  const buffer = Buffer.alloc(1200)
  const writer = new StunWriter()
  writer.begin(buffer, 0, stunClass, Buffer.alloc(12, 7), 0)
  fill(writer)
  return Buffer.from(buffer.subarray(0, writer.finish()))
}

function seeds() {
  const signed = (writer) => {
    writer.integrity(KEY)
    writer.fingerprint()
  }
  return [
    stun(STUN_CLASS.request, (writer) => {
      writer.username('locaUFR1:rUfr')
      writer.priority(0x6e0001ff)
      writer.role('controlling', 7n)
      writer.useCandidate()
      signed(writer)
    }),
    stun(STUN_CLASS.success, (writer) => {
      writer.xorMappedAddress('192.0.2.1', 4, 5000)
      signed(writer)
    }),
    stun(STUN_CLASS.success, (writer) => {
      writer.xorMappedAddress('2001:db8::1', 6, 5000)
      signed(writer)
    }),
    stun(STUN_CLASS.error, (writer) => {
      writer.errorCode(420)
      writer.unknownAttributes([0x7abc, 0x7abd])
      signed(writer)
    }),
  ]
}

function run(input) {
  readInTwoPlaces(input, (buffer, start, end, note) => {
    const accepted = message.parse(buffer, start, end)
    note(accepted)
    if (!accepted) return
    for (const at of [
      message.usernameOffset,
      message.integrityOffset,
      message.fingerprintOffset,
      message.xorMappedOffset,
    ]) {
      must(at === -1 || (at >= start + 20 && at < end + 1), 'an attribute lies within the message')
      note(at < 0 ? -1 : at - start)
    }
    must(message.usernameOffset < 0 || message.usernameOffset + message.usernameLength <= end, 'so does the user name')
    must(message.username.startsWith(message.receiverUfrag), "the user name begins with the receiver's ufrag")
    must(message.unknownAttributes.length <= 4, 'unknown attributes are bounded')
    must(message.errorCode === 0 || (message.errorCode >= 300 && message.errorCode <= 699), 'an error code is one')
    const mapped = message.readXorMappedAddress()
    note(
      message.stunClass,
      message.method,
      message.username,
      message.receiverUfrag,
      message.priority,
      message.errorCode,
    )
    note(message.useCandidate, message.iceControlled, message.iceControlling, mapped?.ip, mapped?.port)
    note(verifyFingerprint(message), verifyIntegrity(message, KEY), ...message.unknownAttributes)
  })
}

export const target = { seeds, mutate: mutateBytes, maxLength: 1400, run }
