/** Two planes: the application may be stuck, the media goes on. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

it('forwards every packet while the application blocks its thread for two seconds', async () => {
  const app = fork(fileURLToPath(new URL('../../support/blocking-app.mjs', import.meta.url)))
  const replies = new Map<string, { sdp?: string }>()
  app.on('message', (message: { id: string; sdp?: string }) => replies.set(message.id, message))
  const reply = async (id: string) => {
    await waitFor(`the app's reply ${id}`, () => replies.has(id))
    return replies.get(id)?.sdp ?? ''
  }
  await reply('ready')
  const join = async (id: string, role: 'publisher' | 'viewer') => {
    const client = await LightClient.create(role)
    app.send({ id, method: role === 'publisher' ? 'addPublisher' : 'addViewer', offer: client.offer })
    await client.accept(await reply(id))
    return client
  }
  const publisher = await join('p', 'publisher')
  // Four viewers on two threads: some of them get the media from the other thread.
  const viewers = await Promise.all(['v1', 'v2', 'v3', 'v4'].map((id) => join(id, 'viewer')))

  let sent = 0
  const send = () => publisher.sendVideo(sent % 25 === 0, sent++)
  await waitFor('every viewer receives', () => {
    send()
    return viewers.every(({ packets }) => packets.length > 0)
  })
  const first = sent
  app.send({ id: 'b', method: 'block', ms: 2000 })
  await reply('blocked')
  while (!replies.has('b')) {
    send()
    await new Promise((resolve) => setTimeout(resolve, 4))
  }
  const last = sent
  expect(last - first).toBeGreaterThan(100)
  for (const [i, viewer] of viewers.entries()) {
    const marks = () => viewer.packets.map((packet) => packet.readDoubleBE(24)).filter((mark) => mark >= first)
    await waitFor(`viewer ${i} has the last packet`, () => marks().length >= last - first)
    expect(marks()).toEqual(Array.from({ length: last - first }, (_, k) => first + k))
  }
  for (const client of [publisher, ...viewers]) client.close()
  app.send({ id: 'c', method: 'close' })
  expect(await new Promise((resolve) => app.once('exit', resolve))).toBe(0)
})
