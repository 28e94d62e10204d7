/** An application with two worker threads for the media that blocks its own thread when told to. Talks over the parent's IPC channel. */
import { Broadcast } from '../../dist/index.js'

const broadcast = new Broadcast({ workers: 2, listenIps: ['127.0.0.1'] })

process.on('message', async ({ id, method, offer, ms }) => {
  if (method === 'block') {
    process.send({ id: 'blocked' })
    const end = Date.now() + ms
    while (Date.now() < end);
    process.send({ id })
    return
  }
  if (method === 'close') {
    await broadcast.close()
    process.disconnect()
    return
  }
  const { sdp } = await broadcast[method](offer)
  process.send({ id, sdp })
})
await broadcast.ready()
process.send({ id: 'ready' })
