/** Reading a broadcast in the application: packets and frames of publishers, with nobody watching. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import type { TappedFrame } from '../../../src/taps/frame-sink.js'
import { joinPublisher, TEST_OPTIONS } from '../../support/broadcast-scene.js'

let broadcast: Broadcast
beforeEach(() => {
  broadcast = new Broadcast(TEST_OPTIONS)
})
afterEach(() => broadcast.close())

describe('frames', () => {
  it('come whole and in order, audio and video on one clock, and go on with the next publisher', async () => {
    const video = broadcast.frames('video')
    const audio = broadcast.frames('audio')
    const publisher = await joinPublisher(broadcast)
    const frames: TappedFrame[] = []
    for await (const frame of video) {
      if (frames.push(frame) === 30) break
    }
    const [first] = frames as [TappedFrame]
    expect(first).toMatchObject({ kind: 'video', codec: 'VP8', keyframe: true, publisher: 'main', gapBefore: false })
    expect(frames.every(({ gapBefore }) => !gapBefore)).toBe(true)
    const times = frames.map(({ captureUnixMs }) => captureUnixMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    const sound = (await audio.next()).value as TappedFrame
    expect(Math.abs(sound.captureUnixMs - first.captureUnixMs)).toBeLessThan(2000)
    await publisher.close()
    const other = await joinPublisher(broadcast)
    const more = broadcast.frames('video')
    expect((await more.next()).value).toMatchObject({ keyframe: true })
    await other.close()
  })

  it('are left out up to a keyframe where the reader is too slow, which says so', async () => {
    const frames = broadcast.frames('video', { maxQueued: 3 })
    const publisher = await joinPublisher(broadcast)
    await expect.poll(() => frames.dropped).toBeGreaterThan(5)
    const read: TappedFrame[] = []
    for await (const frame of frames) {
      read.push(frame)
      if (read.length > 3) break
    }
    expect(read[0]).toMatchObject({ keyframe: true, gapBefore: false })
    expect(read[3]).toMatchObject({ keyframe: true, gapBefore: true })
    await publisher.close()
  })
})

describe('packets', () => {
  it('come from whoever publishes, in either order, until the broadcast is closed', async () => {
    const video = broadcast.packets('video')
    const audio = broadcast.packets('audio', { publisher: 'main' })
    const nobody = broadcast.packets('video', { publisher: 'nobody' })
    const publisher = await joinPublisher(broadcast)
    const seen: number[] = []
    for await (const packet of video) {
      expect([packet.kind, packet.codec, packet.publisher, packet.rid]).toEqual(['video', 'VP8', 'main', undefined])
      expect(packet.data[0] as number).toBe((packet.data[0] as number) & 0xdf)
      expect(new DataView(packet.data.buffer).getUint16(2)).toBe(packet.extSeq & 0xffff)
      if (seen.push(packet.extSeq) === 30) break
    }
    expect(seen).toEqual(seen.map((_, i) => (seen[0] as number) + i))
    expect((await audio.next()).value).toMatchObject({ kind: 'audio', codec: 'opus', keyframe: true })
    expect(nobody.queued).toBe(0)
    await publisher.close()
    await broadcast.close()
    expect(await nobody.next()).toEqual({ done: true, value: undefined })
    expect(() => broadcast.packets('video')).toThrow('closed')
  })

  it('wait for a slow reader as far as there is room', async () => {
    const packets = broadcast.packets('video', { maxQueued: 5 })
    const publisher = await joinPublisher(broadcast)
    await packets.next()
    await expect.poll(() => packets.dropped).toBeGreaterThan(0)
    expect(packets.queued).toBe(5)
    await publisher.close()
  })

  it('refuses options that make no sense', () => {
    expect(() => broadcast.packets('text' as never)).toThrow('audio, video')
    expect(() => broadcast.packets('video', { maxQueued: 0 })).toThrow('maxQueued')
  })
})
