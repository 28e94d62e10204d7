import { expect, test } from 'vitest'
import { readAudioLevel } from '../../../../src/media/audio/audio-level.js'
import { RtpHeader } from '../../../../src/rtp/rtp-header.js'

function read(profile: number, block: number[], id: number): number {
  const packet = Buffer.alloc(16 + block.length)
  packet[0] = 0x90
  packet.writeUInt16BE(profile, 12)
  packet.writeUInt16BE(block.length / 4, 14)
  packet.set(block, 16)
  const header = new RtpHeader()
  expect(header.parse(packet, 0, packet.length)).toBe(true)
  return readAudioLevel(packet, header, id)
}

test('the octet is found in both forms, among others', () => {
  expect(read(0xbede, [0x30, 9, 0x10, 0xa5], 1)).toBe(0xa5)
  expect(read(0x1000, [3, 1, 9, 1, 1, 0x7f, 0, 0], 1)).toBe(0x7f)
})

test('a packet without has none', () => {
  expect(read(0xbede, [0x30, 9, 0, 0], 1)).toBe(-1)
  expect(read(0xbede, [0x10, 9, 0, 0], 0)).toBe(-1)
  const plain = Buffer.alloc(12)
  plain[0] = 0x80
  const header = new RtpHeader()
  header.parse(plain, 0, 12)
  expect(readAudioLevel(plain, header, 1)).toBe(-1)
})

test('an element without data has none, whatever follows it', () => {
  expect(read(0x1000, [1, 0, 3, 0], 1)).toBe(-1)
})
