/** WHIP and WHEP below /media of a Hono app, here on Node.js. */
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { Sfu } from 'manycast'
import { whipWhep } from 'manycast/signaling'

const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others
sfu.on('broadcast-added', (broadcast) => {
  broadcast.on('session-opened', ({ role, address }) => console.log(`${role} of ${broadcast.name} from ${address}`))
})

// A Fetch request does not know where it comes from. Behind a proxy this would be the proxy.
const addresses = new WeakMap()
const handler = whipWhep(sfu, { pathPrefix: '/media', clientAddress: (request) => addresses.get(request) })

const app = new Hono()
app.all('/media/*', (context) => {
  addresses.set(context.req.raw, getConnInfo(context).remote.address)
  return handler(context.req.raw)
})
app.post('/echo', async (context) => context.json(await context.req.json()))

const port = Number(process.env.PORT ?? 8080)
const serverOptions = { requestTimeout: 30_000 }
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1', serverOptions }, (address) => {
  console.log(`WHIP: http://127.0.0.1:${address.port}/media/whip/<name>`)
})

process.once('SIGINT', async () => {
  server.close()
  await sfu.close()
  server.closeAllConnections()
})
