import { describe, expect, it } from 'vitest'
import { createPacketizer } from '../../../../src/media/payload/create-packetizer.js'
import { primaryBlockOffset } from '../../../../src/rtp/red.js'
import { codecOf } from './encoded-files.js'

const frame = Uint8Array.of(0x78, 1, 2, 3)

describe.each(['opus', 'PCMU', 'PCMA', 'G722'] as const)('%s', (name) => {
  const packetizer = createPacketizer(codecOf(name))

  it('goes as it is, without a copy', () => {
    expect(packetizer.packetize(frame, true, 4)[0]).toBe(frame)
  })

  it('sends neither what is too long nor nothing', () => {
    expect(packetizer.packetize(frame, true, 3)).toEqual([])
    expect(packetizer.packetize(new Uint8Array(0), true, 100)).toEqual([])
  })
})

describe('red', () => {
  const red = { ...codecOf('red'), blocks: { payloadType: 111, codec: codecOf('opus') } }

  it('has one block', () => {
    const [payload] = createPacketizer(red).packetize(frame, true, 5)
    expect([...payload!]).toEqual([111, ...frame])
    expect(primaryBlockOffset(payload!, 0, 5, 111)).toBe(1)
  })

  it('sends neither what is too long, nor nothing, nor blocks of no codec', () => {
    expect(createPacketizer(red).packetize(frame, true, 4)).toEqual([])
    expect(createPacketizer(red).packetize(new Uint8Array(0), true, 100)).toEqual([])
    expect(createPacketizer(codecOf('red')).packetize(frame, true, 100)).toEqual([])
  })
})
