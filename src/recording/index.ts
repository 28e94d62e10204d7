/**
 * `manycast/recording`: saves broadcasts to disk.
 *
 * @packageDocumentation
 */
export type { LocalSink } from '../media/local-ends.js'
export type { GapReason, RecordingGap } from './gap-list.js'
export { record } from './record.js'
export { Recording, type RecordingEvents, type RecordingStats } from './recording.js'
export type {
  LeftOutTrack,
  RecordedSegment,
  RecordedTrack,
  RecordingInfo,
  RecordingState,
} from './recording-info.js'
export type { OpenWritable, RecordingProgress, RecordOptions } from './recording-options.js'
export type { ContainerName } from './segment-plan.js'
export type { FrameCounts } from './segmenter.js'
export type { SinkTarget } from './sink-target.js'
export type { NodeWritableLike, WebWritableLike, WebWriterLike, WritableLike } from './stream-target.js'
