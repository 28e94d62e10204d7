/** WHIP and WHEP below /media of a Fastify app. */
import fastify from 'fastify'
import { Sfu } from 'manycast'
import { nodeHttp, whipWhep } from 'manycast/signaling'

const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others
sfu.on('broadcast-added', (broadcast) => {
  broadcast.on('session-opened', ({ role, address }) => console.log(`${role} of ${broadcast.name} from ${address}`))
})

const app = fastify({ requestTimeout: 30_000, forceCloseConnections: true })
// In a plugin of its own: what it does to body parsers stays within.
app.register(async (media) => {
  const listener = nodeHttp(whipWhep(sfu, { pathPrefix: '/media' }))
  // Bodies of any type are left to the handler, which has its own limits.
  media.removeAllContentTypeParsers()
  media.addContentTypeParser('*', (_request, _payload, done) => done(null))
  media.all('/media/*', (request, reply) => {
    reply.hijack()
    listener(request.raw, reply.raw)
  })
})
app.post('/echo', async (request) => request.body)

await app.listen({ port: Number(process.env.PORT ?? 8080), host: '127.0.0.1' })
console.log(`WHIP: http://127.0.0.1:${app.server.address().port}/media/whip/<name>`)

process.once('SIGINT', async () => {
  await sfu.close()
  await app.close()
})
