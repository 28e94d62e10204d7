/** Saves a broadcast to disk while somebody publishes, and says what is in the files. */
import { createServer } from 'node:http'
import { Sfu } from 'manycast'
import { record } from 'manycast/recording'
import { nodeHttp, whipWhep } from 'manycast/signaling'

const port = Number(process.env.PORT ?? 8080)
const dir = process.env.RECORDINGS ?? 'recordings'
const sfu = new Sfu({ listenIps: '127.0.0.1' }) // for this machine only; leave it out to serve others

const recording = await record(sfu.broadcast('main'), { dir, format: 'webm', segmentSeconds: 60 })
recording.on('segment-started', ({ file }) => console.log(`Writing ${dir}/${file}`))
recording.on('segment', ({ file, durationMs, bytes }) => {
  console.log(`Complete: ${dir}/${file}, ${(durationMs / 1000).toFixed(1)} s, ${bytes} bytes`)
})
recording.on('gap', ({ kind, reason, fromUnixMs, toUnixMs }) => {
  console.log(`No ${kind} for ${((toUnixMs - fromUnixMs) / 1000).toFixed(1)} s: ${reason}`)
})
recording.on('error', (error) => console.error(error.message))

const server = createServer(nodeHttp(whipWhep(sfu)))
server.listen(port, '127.0.0.1', () => console.log(`Publish: http://127.0.0.1:${server.address().port}/whip/main`))

process.once('SIGINT', async () => {
  server.close()
  await recording.stop()
  await sfu.close()
})
