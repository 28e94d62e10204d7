/**
 * A process that records what it publishes itself, until it is killed or stopped by SIGTERM: `recording-child.mjs <dir> <webm|mp4>`. It says in lines of JSON what happens.
 * Only the first picture is a keyframe, whatever it is asked for.
 */
import { Broadcast } from '../../dist/index.js'
import { record } from '../../dist/recording/index.js'
import { LocalTrack, LocalTracks } from '../../dist/sources/index.js'

const [dir, format] = process.argv.slice(2)

const SETS = ['6742c014da0507ec0440000003004000000f03c50aa8', '68ce3c80', '6588']
  .map((unit) => `00000001${unit}`)
  .join('')
const CODECS = {
  webm: { codec: 'VP8', keyframe: '100000' + '9d012a' + '80026801', frame: '010000' },
  mp4: { codec: 'H264', keyframe: SETS, frame: '0000000141' },
}
const FRAME_BYTES = 8000

const { codec, ...frames } = CODECS[format]
const filled = (hex) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(FRAME_BYTES, 0xaa)])
const keyframe = filled(frames.keyframe)
const frame = filled(frames.frame)

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

const broadcast = new Broadcast({ workers: 0, listenIps: ['127.0.0.1'] })
const recording = await record(broadcast, { dir, format })
recording.on('error', ({ code, message, details }) => say({ error: code, message, details }))
recording.on('ended', () => say({ ended: recording.info() }))

const video = new LocalTrack({ codec })
const audio = new LocalTrack({ codec: 'opus' })
await broadcast.addSource(new LocalTracks([video, audio]))
let received = 0
await broadcast.addSink({
  setSource(_feed, source) {
    for (const layer of source?.tracks[0]?.layers ?? []) layer.addSink({ onPacket: () => void received++ })
  },
})

const startMs = performance.now()
let pictures = 0
let sounds = 0
const timer = setInterval(() => {
  const ms = performance.now() - startMs
  for (; pictures * 33 <= ms; pictures++) {
    const data = pictures === 0 ? keyframe : frame
    video.writeFrame({ data, keyframe: pictures === 0, timestampUs: pictures * 33_000 })
  }
  for (; sounds * 20 <= ms; sounds++)
    audio.writeFrame({ data: Buffer.from('fc0102', 'hex'), timestampUs: sounds * 20_000 })
  say({ ms: (pictures - 1) * 33, received })
}, 30)

process.on('SIGTERM', async () => {
  clearInterval(timer)
  await recording.stop()
  await broadcast.close()
})
