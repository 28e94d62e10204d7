/**
 * SRTP and SRTCP: a row of packets to one receiver of each profile, portable and, where it is possible, native. Those that are sent as they were
 * protected are opened once; garbage, changed packets and repetitions are refused, and leave no state. Both kinds say the same of every packet, and make
 * the same of its bytes.
 */

import { RtpHeader } from '../../../dist/rtp/rtp-header.js'
import { loadKoffiLibrary } from '../../../dist/transport/native/koffi-library.js'
import { whyNoNativePath } from '../../../dist/transport/native/native-platform.js'
import { openNativeSrtp } from '../../../dist/transport/native/srtp/native-srtp.js'
import {
  createPortableTransform,
  createSrtpReceiver,
  createSrtpSender,
} from '../../../dist/transport/srtp/create-srtp.js'
import { MAX_SSRCS } from '../../../dist/transport/srtp/transform-receiver.js'
import { SRTP_PROFILES, SRTP_REFUSED } from '../../../dist/transport/types.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const SALT_BYTES = { AEAD_AES_128_GCM: 12, AES_CM_128_HMAC_SHA1_80: 14 }
const header = new RtpHeader()
const REFUSALS = Object.values(SRTP_REFUSED)
const kinds = [createPortableTransform]
if (whyNoNativePath(process) === undefined) {
  const native = openNativeSrtp(loadKoffiLibrary())
  must(!('reason' in native), `native SRTP is there: ${native.reason}`)
  kinds.push(native)
}

const worlds = SRTP_PROFILES.map((profile) => {
  const key = Buffer.alloc(16, 3)
  const salt = Buffer.alloc(SALT_BYTES[profile], 5)
  const keys = { profile, localKey: key, localSalt: salt, remoteKey: key, remoteSalt: salt }
  const valid = [false, true].map((isRtcp) => protectedPackets(createSrtpSender(keys), isRtcp))
  const authentic = new Set(valid.flat().map((packet) => packet.toString('latin1')))
  return { keys, valid, authentic }
})

function protectedPackets(sender, isRtcp) {
  return Array.from({ length: 8 }, (_, i) => {
    const buffer = Buffer.alloc(200)
    if (isRtcp) {
      buffer.write('80c9000100001234', 'hex')
      return Buffer.from(buffer.subarray(0, sender.protectRtcp(buffer, 0, 8)))
    }
    // Across the end of the sequence numbers.
    const extSeq = 65_532 + i
    buffer.write('8060000000000000000012ab0102030405060708', 'hex')
    buffer.writeUInt16BE(extSeq & 0xffff, 2)
    return Buffer.from(buffer.subarray(0, sender.protectRtp(buffer, 0, 12, 20, extSeq)))
  })
}

/** What a step does: bit 0 the profile, bit 1 RTCP, bit 2 to protect instead of to open. */
const seeds = () =>
  worlds.flatMap(({ valid }, profile) =>
    valid.flatMap((packets, isRtcp) =>
      [0, 4].map((protect) => writeSteps(packets.map((packet) => [profile | (isRtcp << 1) | protect, packet]))),
    ),
  )

function run(input) {
  const receivers = worlds.map(({ keys }) => kinds.map((kind) => createSrtpReceiver(keys, MAX_SSRCS, kind)))
  const senders = worlds.map(({ keys }) => kinds.map((kind) => createSrtpSender(keys, kind)))
  const opened = new Set()
  for (const [what, packet] of readSteps(input)) {
    const profile = what & 1
    const isRtcp = (what & 2) !== 0
    if ((what & 4) !== 0) {
      const [one, ...others] = senders[profile].map((sender) => protect(sender, isRtcp, packet))
      for (const other of others) must(one.equals(other), 'native and portable protect alike')
      continue
    }
    const text = packet.toString('latin1')
    const results = receivers[profile].map((receiver) => open(receiver, isRtcp, packet))
    for (const { plainEnd, buffer } of results) {
      must(plainEnd === results[0].plainEnd, 'native and portable say the same')
      must(buffer.equals(results[0].buffer), 'native and portable make the same of the bytes')
    }
    const { plainEnd, buffer } = results[0]
    if (plainEnd < 0) {
      must(REFUSALS.includes(plainEnd), 'a refusal has a reason')
      must(buffer.subarray(BEFORE, BEFORE + packet.length).equals(packet), 'a refused packet is as it was')
      continue
    }
    must(plainEnd >= BEFORE && plainEnd < BEFORE + packet.length, 'the plain packet lies within the protected one')
    must(worlds[profile].authentic.has(text), 'nothing is opened that was not protected with these keys')
    must(!opened.has(`${profile}${text}`), 'nothing is opened twice')
    opened.add(`${profile}${text}`)
  }
  for (const user of [...receivers, ...senders].flat()) user.close()
}

const BEFORE = 3
const BEHIND = 9

/** What a packet becomes, any bytes, within a buffer that may be too small. The last bytes of it say where the header ends and how much room there is. */
function protect(sender, isRtcp, packet) {
  const room = packet.length === 0 ? 0 : packet[packet.length - 1] & 31
  const headerLength = 12 + (packet.length < 2 ? 0 : packet[packet.length - 2] & 127)
  const buffer = Buffer.concat([Buffer.alloc(BEFORE, 0xee), packet, Buffer.alloc(room, 0xee)])
  const extSeq = 2 ** 40 + (packet.length < 4 ? 0 : packet.readUInt16BE(2))
  const length = isRtcp
    ? sender.protectRtcp(buffer, BEFORE, packet.length)
    : sender.protectRtp(buffer, BEFORE, headerLength, packet.length, extSeq)
  must(length >= 0 && BEFORE + length <= buffer.length, 'what is protected lies within its buffer')
  for (let i = 0; i < buffer.length; i++) {
    if (i < BEFORE || (length > 0 && i >= BEFORE + length))
      must(buffer[i] === 0xee, 'nothing is written outside of the packet')
  }
  return buffer
}

/** Offers the packet within a larger buffer, of which the rest must stay as it is. */
function open(receiver, isRtcp, packet) {
  const states = receiver.ssrcStates
  const buffer = Buffer.concat([Buffer.alloc(BEFORE, 0xee), packet, Buffer.alloc(BEHIND, 0xee)])
  const end = BEFORE + packet.length
  let plainEnd = SRTP_REFUSED.malformed
  if (isRtcp) plainEnd = packet.length < 8 ? plainEnd : receiver.unprotectRtcp(buffer, BEFORE, end)
  else if (header.parse(buffer, BEFORE, end)) plainEnd = receiver.unprotectRtp(buffer, BEFORE, header.headerLength, end)
  must(plainEnd >= 0 || receiver.ssrcStates === states, 'a refused packet leaves no state')
  for (let i = 0; i < buffer.length; i++) {
    if (i < BEFORE || i >= end) must(buffer[i] === 0xee, 'nothing is written outside of the packet')
  }
  return { plainEnd, buffer }
}

export const target = { seeds, mutate: mutateSteps, maxLength: 6000, run }
