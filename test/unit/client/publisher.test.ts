/** What is sent, and how. */
import { describe, expect, it } from 'vitest'
import { type PublishOptions, publish } from '../../../src/client/index.js'
import { CODECS, connect, FakeConnection, FakeStream, fakeBrowser, pass } from './fake-browser.js'

const browser = fakeBrowser()
const camera = { kind: 'video' }
const microphone = { kind: 'audio' }

function publisher(options: PublishOptions = {}, tracks = [microphone, camera]) {
  return publish(new FakeStream(tracks) as unknown as MediaStream, '/whip/x', options)
}

const senderOf = (kind: string) =>
  FakeConnection.last.transceivers.find((transceiver) => transceiver.kind === kind)?.sender
const another = (kind: string) => ({ kind, another: true }) as unknown as MediaStreamTrack

describe('publish', () => {
  it('sends the tracks of the stream, the video by its encodings', async () => {
    publisher({ simulcast: 2, maxBitrateBps: 2_000_000 })
    const connection = await connect()
    const [audio, video] = connection.transceivers
    expect(audio).toMatchObject({ kind: 'audio', init: { direction: 'sendonly' }, preferred: undefined })
    expect(audio?.init).not.toHaveProperty('sendEncodings')
    expect(video?.init.sendEncodings?.map(({ rid, maxBitrate }) => [rid, maxBitrate])).toEqual([
      ['h', 500_000],
      ['f', 2_000_000],
    ])
    expect([audio?.sender.track, video?.sender.track]).toEqual([microphone, camera])
  })

  it('prefers codecs, and says what the encoder shall give up first', async () => {
    publisher({ videoCodecs: ['h264'], degradation: 'maintain-framerate' })
    const connection = await connect()
    const video = connection.transceivers[1]
    expect(video?.preferred?.map(({ mimeType }) => mimeType)).toEqual([
      'video/H264',
      'video/H264',
      ...CODECS.map(({ mimeType }) => mimeType).filter((mimeType) => mimeType !== 'video/H264'),
    ])
    expect(video?.sender.parameters).toEqual({ encodings: [{}], degradationPreference: 'maintain-framerate' })
    expect(connection.transceivers[0]?.sender.parameters).not.toHaveProperty('degradationPreference')
  })
})

describe('replaceTrack', () => {
  it('goes on with another track, or none, also after a reconnect', async () => {
    const session = publisher()
    const connection = await connect()
    const screen = another('video')
    await session.replaceTrack('video', screen)
    await session.replaceTrack('audio', null)
    expect([senderOf('video')?.track, senderOf('audio')?.track]).toEqual([screen, null])
    connection.become('failed')
    browser.server.sessions.clear()
    await pass(1000)
    await connect()
    expect(FakeConnection.last).not.toBe(connection)
    expect([senderOf('video')?.track, senderOf('audio')?.track]).toEqual([screen, null])
  })

  it('between two connections holds for the next one', async () => {
    const session = publisher()
    const connection = await connect()
    browser.server.isDown = true
    connection.become('failed')
    await pass(5000)
    // As in browsers, the senders of a closed connection take nothing any more.
    for (const { sender } of FakeConnection.last.transceivers) {
      sender.replaceTrack = () => Promise.reject(new DOMException('closed', 'InvalidStateError'))
    }
    const screen = another('video')
    await session.replaceTrack('video', screen)
    browser.server.isDown = false
    await pass(5000)
    await connect()
    expect(senderOf('video')?.track).toBe(screen)
  })

  it('stays with the track before if the browser refuses', async () => {
    const session = publisher()
    const connection = await connect()
    const cause = new DOMException('other encoding', 'InvalidModificationError')
    for (const { sender } of connection.transceivers) sender.replaceTrack = () => Promise.reject(cause)
    await expect(session.replaceTrack('video', another('video'))).rejects.toMatchObject({ code: 'failed', cause })
    browser.server.sessions.clear()
    connection.become('failed')
    await pass(1000)
    expect(senderOf('video')?.track).toBe(camera)
  })

  it('is refused for a kind that was not published', async () => {
    const session = publisher({}, [camera])
    await connect()
    await expect(session.replaceTrack('audio', another('audio'))).rejects.toMatchObject({ code: 'unsupported' })
  })
})
