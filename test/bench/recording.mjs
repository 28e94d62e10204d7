/**
 * There and back: files of a minute, made by FFmpeg, are played into broadcasts and recorded; what comes out is compared with what went in:
 * `npm run bench:recording -- [seconds]`. Needs ffmpeg and ffprobe. Prints a table and JSON.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny'
import { Broadcast } from '../../dist/index.js'
import { record } from '../../dist/recording/index.js'
import { fileSource } from '../../dist/sources/index.js'

const seconds = Number(process.argv[2] ?? 60)
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30']
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000']
const X265 = 'bframes=0:log-level=none:keyint=60'

/** File by file: its ending, the encoder, and the format that is asked for. */
const RUNS = [
  ['VP8', 'webm', 'webm', ['libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '60']],
  ['VP9', 'webm', 'webm', ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '60']],
  ['VP9', 'webm', 'mp4', ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '60']],
  ['AV1', 'webm', 'webm', ['libsvtav1', '-preset', '12', '-g', '60']],
  ['H264', 'mp4', 'mp4', ['libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '60', '-pix_fmt', 'yuv420p']],
  ['H265', 'mp4', 'mp4', ['libx265', '-preset', 'ultrafast', '-x265-params', X265, '-pix_fmt', 'yuv420p']],
]

const dir = mkdtempSync(join(tmpdir(), 'manycast-bench-'))
try {
  const inputs = RUNS.map(([codec, ending, format, encoder], index) => {
    const path = join(dir, `${codec}-${index}.${ending}`)
    const output = ['-t', String(seconds), '-c:v', ...encoder, '-b:v', '1M', '-c:a', 'libopus', '-y', path]
    execFileSync('ffmpeg', ['-v', 'error', ...PICTURE, ...SOUND, ...output], { stdio: ['ignore', 'ignore', 'ignore'] })
    return { codec, format, path, index }
  })
  const results = await Promise.all(inputs.map(roundTrip))
  console.log(
    '| codec | file | frames in | frames out | missing | audio against video, ms | duration, ms longer | decodes |',
  )
  console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |')
  for (const { codec, file, framesIn, framesOut, offsetMs, longerMs, faults } of results) {
    const missing = `${(((framesIn - framesOut) * 100) / framesIn).toFixed(2)} %`
    const cells = [codec, file, framesIn, framesOut, missing, offsetMs.toFixed(1), longerMs.toFixed(0)]
    console.log(`| ${[...cells, faults === '' ? 'without an error' : faults].join(' | ')} |`)
  }
  console.log(JSON.stringify(results))
} finally {
  rmSync(dir, { recursive: true })
}
process.exit(0)

async function roundTrip({ codec, format, path, index }) {
  const broadcast = new Broadcast({ workers: 1, listenIps: '127.0.0.1' })
  const out = join(dir, `out-${index}`)
  const recording = await record(broadcast, { dir: out, format })
  const session = await broadcast.addSource(fileSource(path))
  await new Promise((resolve) => session.on('closed', resolve))
  await recording.stop()
  await broadcast.close()
  const { segments } = recording.info()
  const [before, after] = await Promise.all([read(path), read(join(out, segments[0].file))])
  const [video, audio] = ['video', 'audio'].map((kind) => shiftMs(before[kind].packets, after[kind].packets))
  return {
    codec,
    file: segments.map(({ format: container }) => container).join(', '),
    framesIn: before.video.packets.length,
    framesOut: after.video.packets.length,
    soundsIn: before.audio.packets.length,
    soundsOut: after.audio.packets.length,
    offsetMs: audio - video,
    longerMs: after.durationMs - before.durationMs,
    faults: decode(join(out, segments[0].file)),
    gaps: recording.info().gaps,
  }
}

/** The tracks of a file: when each frame is, by what it is. */
async function read(path) {
  const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS })
  const tracks = { video: await input.getPrimaryVideoTrack(), audio: await input.getPrimaryAudioTrack() }
  const read = { durationMs: 1000 * (await input.computeDuration()) }
  for (const [kind, track] of Object.entries(tracks)) {
    const packets = []
    for await (const packet of new EncodedPacketSink(track).packets()) {
      packets.push({ ms: 1000 * packet.timestamp, key: identity(packet.data) })
    }
    read[kind] = { packets }
  }
  return read
}

/** The end of a frame is the same in every container: parameter sets and delimiters come before it. */
function identity(data) {
  return createHash('sha1')
    .update(data.subarray(-64))
    .update(String(data.length > 64 ? 1 : data.length))
    .digest('hex')
}

/** How much later frames are in the second list than in the first, as a median. Frames that are there twice say nothing. */
function shiftMs(before, after) {
  const counts = new Map()
  for (const { key } of before) counts.set(key, (counts.get(key) ?? 0) + 1)
  const times = new Map(before.filter(({ key }) => counts.get(key) === 1).map(({ key, ms }) => [key, ms]))
  const shifts = after.flatMap(({ key, ms }) => (times.has(key) ? [ms - times.get(key)] : []))
  return shifts.toSorted((a, b) => a - b)[shifts.length >> 1] ?? Number.NaN
}

/** What ffprobe and ffmpeg have to say about it; nothing, if all is well. */
function decode(path) {
  const probe = spawnSync('ffprobe', ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', path])
  const decoded = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-vsync', 'passthrough', '-f', 'null', '-'])
  return [probe, decoded]
    .map(({ stderr }) => stderr.toString().trim())
    .join(' ')
    .trim()
    .slice(0, 300)
}
