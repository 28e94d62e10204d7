/** Keys and packets for the SRTP tests. */
import type { SrtpKeyingMaterial, SrtpProfile } from '../../../../src/transport/types.js'

export const PROFILES: readonly SrtpProfile[] = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80']

export const SSRC = 0xcafe_babe

/** Bytes from spaced hex. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s/g, ''), 'hex')
}

/** Bytes that differ from each other and between seeds. */
export function pattern(length: number, seed: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101 + (i >>> 3)) & 0xff))
}

/** The keying material of both ends of one DTLS association: what is local here is remote there. */
export function keyPair(profile: SrtpProfile, seed = 1): { here: SrtpKeyingMaterial; there: SrtpKeyingMaterial } {
  const saltLength = profile === 'AEAD_AES_128_GCM' ? 12 : 14
  const [a, aSalt, b, bSalt] = [16, saltLength, 16, saltLength].map((length, i) => pattern(length, seed * 10 + i))
  const here = { profile, localKey: a, localSalt: aSalt, remoteKey: b, remoteSalt: bSalt } as SrtpKeyingMaterial
  const there = { profile, localKey: b, localSalt: bSalt, remoteKey: a, remoteSalt: aSalt } as SrtpKeyingMaterial
  return { here, there }
}

export interface PacketShape {
  seq: number
  ssrc?: number
  csrcs?: readonly number[]
  /** Elements of a one-byte header extension, a multiple of 4 bytes. */
  extension?: Buffer
  payload?: Buffer
}

/** A plain RTP packet and the length of its header. */
export function rtpPacket(shape: PacketShape): { bytes: Buffer; headerLength: number } {
  const csrcs = shape.csrcs ?? []
  const extension = shape.extension
  const headerLength = 12 + 4 * csrcs.length + (extension === undefined ? 0 : 4 + extension.length)
  const header = Buffer.alloc(headerLength)
  header[0] = 0x80 | (extension === undefined ? 0 : 0x10) | csrcs.length
  header[1] = 96
  header.writeUInt16BE(shape.seq & 0xffff, 2)
  header.writeUInt32BE(0x1234_5678, 4)
  header.writeUInt32BE(shape.ssrc ?? SSRC, 8)
  for (const [i, csrc] of csrcs.entries()) header.writeUInt32BE(csrc, 12 + 4 * i)
  if (extension !== undefined) {
    const at = 12 + 4 * csrcs.length
    header.writeUInt16BE(0xbede, at)
    header.writeUInt16BE(extension.length / 4, at + 2)
    extension.copy(header, at + 4)
  }
  return { bytes: Buffer.concat([header, shape.payload ?? pattern(50, shape.seq)]), headerLength }
}

/** A plain RTCP packet: a sender report of 28 bytes, then `rest`. */
export function rtcpPacket(ssrc = SSRC, rest: Buffer = Buffer.alloc(0)): Buffer {
  const report = pattern(28, ssrc & 0xff)
  report.writeUInt32BE(0x80c8_0006, 0)
  report.writeUInt32BE(ssrc, 4)
  return Buffer.concat([report, rest])
}
