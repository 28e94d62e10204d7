/**
 * Media that do not come by WebRTC: what `broadcast.addSource` takes.
 *
 * @packageDocumentation
 */

export type { LocalSource, SourceContext } from '../media/local-ends.js'
export {
  FileSource,
  type FileSourceEvents,
  type FileSourceState,
  type FileSourceStats,
  fileSource,
} from './file-source.js'
export type { FileProgress, FileSourceOptions } from './file-source-options.js'
export {
  LocalTrack,
  type LocalTrackEvents,
  type LocalTrackOptions,
  type LocalTrackStats,
  type TrackClock,
  type WrittenFrame,
} from './local-track.js'
export { LocalTracks } from './local-tracks.js'
export type { LocalCodec, LocalCodecName } from './track-codec.js'
