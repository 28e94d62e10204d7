/** Over real sockets: ICE restarts while media flows. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import type { Session } from '../../../src/broadcast/session.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

let broadcast: Broadcast
let publisher: LightClient
let viewer: LightClient
let session: Session
let streaming: NodeJS.Timeout

beforeEach(async () => {
  broadcast = new Broadcast(TEST_OPTIONS)
  publisher = await LightClient.create('publisher')
  await publisher.accept((await broadcast.addPublisher(publisher.offer)).sdp)
  viewer = await LightClient.create('viewer')
  const answer = await broadcast.addViewer(viewer.offer)
  session = answer.session
  await viewer.accept(answer.sdp)
  let frame = 0
  streaming = setInterval(() => publisher.sendVideo(frame++ % 10 === 0), 20)
  await waitFor('video', () => viewer.packets.length >= 10)
})

afterEach(async () => {
  clearInterval(streaming)
  publisher.close()
  viewer.close()
  await broadcast.close()
})

async function moreVideo(): Promise<void> {
  const before = viewer.packets.length
  await waitFor('more video', () => viewer.packets.length >= before + 20)
}

const sequenceNumbers = () => viewer.packets.map((packet) => packet.readUInt16BE(2))

it('goes on with the old credentials until the first check with the new ones, and loses nothing', async () => {
  const states: string[] = []
  session.on('state', (state) => states.push(state))
  const before = session.iceSessionId
  const result = await session.trickle(viewer.fragment(true))
  expect(session.iceSessionId).not.toBe(before)
  // The client has not got the answer yet: it goes on as it was.
  await viewer.check()
  await moreVideo()
  await viewer.acceptFragment(result.restarted ? result.fragment : '')
  await moreVideo()
  const numbers = sequenceNumbers()
  for (const [i, number] of numbers.entries()) {
    if (i > 0) expect((number - (numbers[i - 1] as number)) & 0xffff).toBe(1)
  }
  expect(viewer.refused).toBe(0)
  expect(states).toEqual([])
})

it('takes the newest of several restarts, whatever became of the others', async () => {
  await session.trickle(viewer.fragment(true))
  await session.trickle(viewer.fragment(true))
  const result = await session.trickle(viewer.fragment(true))
  await viewer.acceptFragment(result.restarted ? result.fragment : '')
  await moreVideo()
  expect(session.state).toBe('connected')
})

it('keeps the session, and its name, when a restart is refused', async () => {
  const before = session.iceSessionId
  const half = viewer.fragment().replace(/^a=ice-ufrag:.*$/m, 'a=ice-ufrag:another')
  await expect(session.trickle(half)).rejects.toMatchObject({ code: 'ice-mismatch' })
  await expect(session.trickle(undefined as never)).rejects.toMatchObject({ code: 'request-invalid' })
  expect(session.iceSessionId).toBe(before)
  await viewer.check()
  await moreVideo()
})

it('rejects for a session that has ended', async () => {
  await session.close()
  await expect(session.trickle(viewer.fragment())).rejects.toMatchObject({ code: 'session-not-found' })
})
