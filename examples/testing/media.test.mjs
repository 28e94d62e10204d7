/** With media, in Vitest: the same signaling, a real Sfu, and peers that speak ICE, DTLS and SRTP. */
import { Sfu } from 'manycast'
import { mediaMatchers, testPublisher, testViewer } from 'manycast/testing'
import { afterAll, expect, it } from 'vitest'
import { connect } from './socket-client.mjs'

expect.extend(mediaMatchers)

const sfu = new Sfu({ listenIps: '127.0.0.1', workers: 0 })
afterAll(() => sfu.close())

/** The way of an offer through the signaling. */
const joinAs = (role, client) => async (sdp) => (await client.join({ role, broadcast: 'main', sdp })).sdp

it('carries media from a publisher to a viewer', async () => {
  const publisher = await testPublisher(joinAs('publisher', connect(sfu)))
  const client = connect(sfu)
  const viewer = await testViewer(joinAs('viewer', client))

  await viewer.whenReceived({ keyframes: 1, frames: 10, audioPackets: 10 })
  expect(viewer).toHaveLossAtMost(0.01)

  await client.leave()
  await viewer.whenClosed()
  expect(sfu.broadcast('main').viewers).toHaveLength(0)
  await Promise.all([publisher.close(), viewer.close()])
})
