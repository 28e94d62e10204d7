/** Saves a broadcast to disk. */
import { loadMediabunny } from './mediabunny.js'
import { Recording } from './recording.js'
import { type RecordOptions, resolveRecordOptions } from './recording-options.js'
import type { SinkTarget } from './sink-target.js'

/**
 * Records the publisher of a broadcast into WebM or MP4 files, as it was sent: nothing is decoded or encoded. Resolves when it has begun, whether anybody publishes or
 * not; the first file begins with the first keyframe.
 *
 * It needs the package `mediabunny`. Rejects with `option-invalid`, `package-missing`, with `recording-failed` where the folder or
 * the sidecar cannot be made, and with what `broadcast.addSink` rejects with.
 *
 * @example
 * ```ts
 * const recording = await record(broadcast, { dir: 'recordings' })
 * recording.on('segment', ({ file }) => upload(file))
 * recording.on('error', (error) => console.error(error.message))
 * await recording.stop()
 * ```
 */
export async function record(broadcast: SinkTarget, options: RecordOptions): Promise<Recording> {
  const config = resolveRecordOptions(options)
  const containers = await loadMediabunny()
  const recording = new Recording(broadcast.name ?? 'broadcast', config, { containers })
  await recording.open(broadcast)
  return recording
}
