/** Media of the application's own: a publisher like any other, with nobody on the other side of a network. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Broadcast } from '../../../dist/index.js'
import { LocalTrack, LocalTracks } from '../../../dist/sources/index.js'
import { testViewer } from '../../../src/testing/test-viewer.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

/** A keyframe of 64 x 48 pixels, as far as its head goes (RFC 6386, section 9.1), and what follows it. */
function vp8Frame(keyframe: boolean, bytes = 2000): Uint8Array {
  const frame = new Uint8Array(bytes).fill(0x55)
  frame.set(keyframe ? [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 48, 0] : [0x11, 0x02, 0x00])
  return frame
}

const view = (broadcast: Broadcast) => testViewer(async (offer) => (await broadcast.addViewer(offer)).sdp)

describe.each([0, 1])('with %i worker threads', (workers) => {
  let broadcast: Broadcast
  let timer: NodeJS.Timeout
  let video: LocalTrack
  let audio: LocalTrack
  let frames = 0

  beforeEach(() => {
    broadcast = new Broadcast({ ...TEST_OPTIONS, workers })
    video = new LocalTrack({ codec: 'VP8' })
    audio = new LocalTrack({ codec: 'opus' })
    frames = 0
  })
  afterEach(async () => {
    clearInterval(timer)
    await broadcast.close()
  })

  /** Writes both tracks at 50 frames a second; a keyframe every `interval` frames. */
  function play(interval: number): void {
    timer = setInterval(() => {
      const timestampUs = frames * 20_000
      const keyframe = frames % interval === 0
      video.writeFrame({ data: vp8Frame(keyframe), keyframe, timestampUs })
      audio.writeFrame({ data: new Uint8Array(60).fill(0x78), timestampUs })
      frames++
    }, 20)
  }

  it('reaches viewers from before and after, and ends with its session', async () => {
    const told: string[] = []
    broadcast.on('session-opened', ({ role }) => told.push(`${role} opened`))
    for (const event of ['publisher-joined', 'live', 'publisher-left', 'idle'] as const) {
      broadcast.on(event, () => told.push(event))
    }
    const before = await view(broadcast)
    const session = await broadcast.addSource(new LocalTracks([video, audio]), { as: 'film' })
    expect([session.role, session.as, session.state, broadcast.live]).toEqual(['publisher', 'film', 'connected', true])
    play(25)
    await before.whenReceived({ videoPackets: 50, audioPackets: 20 })
    const after = await view(broadcast)
    await after.whenReceived({ videoPackets: 50, audioPackets: 20 })
    expect(after.received.video.lost + before.received.video.lost).toBe(0)
    const source = (await session.stats())?.source
    expect(source?.tracks.map(({ id, layers }) => `${id} ${layers[0]?.codec} ${layers[0]?.width}`)).toEqual([
      'video VP8 64',
      'audio opus undefined',
    ])
    await session.close()
    const ofSource = told.filter((event) => event !== 'viewer opened')
    expect(ofSource).toEqual(['publisher opened', 'publisher-joined', 'live', 'publisher-left', 'idle'])
    expect(video.writeFrame({ data: vp8Frame(true), keyframe: true, timestampUs: 0 })).toBe(false)
    await Promise.all([before.close(), after.close()])
  })

  it('is asked for a keyframe by viewers that come, where it can make one', async () => {
    let asked = 0
    video.on('keyframe-request', () => asked++)
    await broadcast.addSource(new LocalTracks([video]))
    const viewer = await view(broadcast)
    await waitFor('a request', () => asked > 0)
    await viewer.close()
  })

  it('gives late viewers its newest keyframe at once, where it cannot make one', async () => {
    video = new LocalTrack({ codec: 'VP8', keyframesOnDemand: false })
    await broadcast.addSource(new LocalTracks([video]))
    play(Number.POSITIVE_INFINITY)
    await waitFor('the keyframe is far behind', () => frames > 40)
    const viewer = await view(broadcast)
    await viewer.whenReceived({ keyframes: 1, videoPackets: 80 })
    const second = await view(broadcast)
    await second.whenReceived({ keyframes: 1, videoPackets: 80 })
    expect(second.received.video.lost).toBe(0)
    expect(video.stats().keyframeRequests).toBe(0)
    await Promise.all([viewer.close(), second.close()])
  })

  it('takes over from a publisher of its name, and hands over to the next', async () => {
    const first = await broadcast.addSource(new LocalTracks([video]))
    const other = new LocalTrack({ codec: 'VP8' })
    await broadcast.addSource(new LocalTracks([other]))
    await waitFor('the first has gone', () => first.state === 'closed')
    expect(first.closeReason).toBe('replaced')
    expect([video.writeFrame({ data: vp8Frame(true), timestampUs: 0 }), broadcast.publishers.length]).toEqual([
      false,
      1,
    ])
  })

  it('ends by itself with a reason, and refuses what cannot be opened', async () => {
    const source = new LocalTracks([video])
    const session = await broadcast.addSource(source)
    source.end()
    expect(session.closeReason).toBe('source-ended')
    const failing = new LocalTracks([audio])
    const other = await broadcast.addSource(failing)
    failing.end(new Error('the disk is gone'))
    expect(other.closeReason).toBe('source-failed')
    await expect(broadcast.addSource(source)).rejects.toMatchObject({ code: 'request-invalid' })
    expect(broadcast.sessions()).toEqual([])
  })

  it('does not outlive a broadcast that is closed while it is added', async () => {
    const adding = broadcast.addSource(new LocalTracks([video]))
    const refused = expect(adding).rejects.toMatchObject({ code: 'closed' })
    await broadcast.close()
    await refused
    expect(video.writeFrame({ data: vp8Frame(true), keyframe: true, timestampUs: 0 })).toBe(false)
  })

  it('is added once: the second time is refused, and the first goes on', async () => {
    const source = new LocalTracks([video])
    const session = await broadcast.addSource(source)
    await expect(broadcast.addSource(source)).rejects.toMatchObject({ code: 'request-invalid' })
    expect(broadcast.sessions()).toEqual([session])
    expect(video.writeFrame({ data: vp8Frame(true), keyframe: true, timestampUs: 0 })).toBe(true)
  })
})
