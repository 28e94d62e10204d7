/**
 * SRTP and SRTCP: a row of packets to one receiver of each profile. Those that are sent as they were protected are opened once; garbage, changed
 * packets and repetitions are refused, and leave no state.
 */

import { RtpHeader } from '../../../dist/rtp/rtp-header.js'
import { createSrtpReceiver, createSrtpSender } from '../../../dist/transport/srtp/create-srtp.js'
import { SRTP_PROFILES, SRTP_REFUSED } from '../../../dist/transport/types.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const SALT_BYTES = { AEAD_AES_128_GCM: 12, AES_CM_128_HMAC_SHA1_80: 14 }
const header = new RtpHeader()
const REFUSALS = Object.values(SRTP_REFUSED)

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

/** What a step does: bit 0 the profile, bit 1 RTCP. */
const seeds = () =>
  worlds.flatMap(({ valid }, profile) =>
    valid.map((packets, isRtcp) => writeSteps(packets.map((packet) => [profile | (isRtcp << 1), packet]))),
  )

function run(input) {
  const receivers = worlds.map(({ keys }) => createSrtpReceiver(keys))
  const opened = new Set()
  for (const [what, packet] of readSteps(input)) {
    const profile = what & 1
    const isRtcp = (what & 2) !== 0
    const receiver = receivers[profile]
    const text = packet.toString('latin1')
    const states = receiver.ssrcStates
    const buffer = Buffer.concat([Buffer.alloc(3), packet, Buffer.alloc(9)])
    const end = 3 + packet.length
    let plainEnd = SRTP_REFUSED.malformed
    if (isRtcp) plainEnd = packet.length < 8 ? plainEnd : receiver.unprotectRtcp(buffer, 3, end)
    else if (header.parse(buffer, 3, end)) plainEnd = receiver.unprotectRtp(buffer, 3, header.headerLength, end)
    if (plainEnd < 0) {
      must(REFUSALS.includes(plainEnd), 'a refusal has a reason')
      must(receiver.ssrcStates === states, 'a refused packet leaves no state')
      continue
    }
    must(plainEnd >= 3 && plainEnd < end, 'the plain packet lies within the protected one')
    must(worlds[profile].authentic.has(text), 'nothing is opened that was not protected with these keys')
    must(!opened.has(`${profile}${text}`), 'nothing is opened twice')
    opened.add(`${profile}${text}`)
  }
}

export const target = { seeds, mutate: mutateSteps, maxLength: 6000, run }
