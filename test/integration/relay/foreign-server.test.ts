/** Relays to and from a server of another make. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RelayStage } from '../../support/relay-node.js'
import { waitFor } from '../../support/wait-for.js'
import { type WeriftServer, weriftServer } from '../../support/werift-server.js'

/** A bound for what takes as long as the machine takes. */
const SOON = { withinMs: 15_000 }

let stage: RelayStage
let foreign: WeriftServer
beforeEach(async () => {
  stage = new RelayStage()
  foreign = await weriftServer()
  stage.later(() => foreign.close())
})
afterEach(() => stage.close())

it('a pull brings what it sends, goes on while nobody can be asked, and ends there', async () => {
  const { show } = await stage.node()
  const relay = show.pull(foreign.whep, { silenceMs: 400, checkIntervalMs: 400 })
  await relay.whenConnected()
  const viewer = await stage.viewer(show)
  await viewer.whenReceived({ keyframes: 1, frames: 40, audioPackets: 40 }, SOON)
  expect(relay.path).toEqual([])
  expect((await relay.stats()).connections).toBe(1)
  await relay.close()
  expect(foreign.sessions).toBe(0)
})

it('a push brings what is published here, as one video', async () => {
  const { show } = await stage.node()
  await stage.publisher(show)
  const relay = show.push(foreign.whip)
  await relay.whenConnected()
  await waitFor('audio and video', () => foreign.received.audio > 50 && foreign.received.video > 50)
  expect(foreign.sessions).toBe(1)
  await relay.close()
  expect(foreign.sessions).toBe(0)
})
