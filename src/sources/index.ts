/**
 * Media that do not come by WebRTC: what `broadcast.addSource` takes.
 *
 * @packageDocumentation
 */

export type { LocalSource, SourceContext } from '../media/local-ends.js'
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
