/**
 * Media that do not come by WebRTC: what `broadcast.addSource` takes.
 *
 * @packageDocumentation
 */

export type { LocalSource, SourceContext } from '../media/local-ends.js'
export {
  type FileSource,
  type FileSourceEvents,
  type FileSourceState,
  type FileSourceStats,
  fileSource,
} from './files/file-source.js'
export type { FileProgress, FileSourceOptions } from './files/file-source-options.js'
export {
  LocalTrack,
  type LocalTrackEvents,
  type LocalTrackOptions,
  type LocalTrackStats,
  type TrackClock,
  type WrittenFrame,
} from './local-track.js'
export { LocalTracks } from './local-tracks.js'
export type { FfmpegOptions } from './rtp/ffmpeg-arguments.js'
export type { RtpDatagramCounters } from './rtp/rtp-receiver.js'
export { type RtpSink, type RtpSinkEvents, rtpSink } from './rtp/rtp-sink.js'
export type { RtpSinkOptions } from './rtp/rtp-sink-options.js'
export type { RtpSinkStats, RtpSinkTrackStats } from './rtp/rtp-sink-stats.js'
export { type RtpSource, type RtpSourceEvents, rtpSource } from './rtp/rtp-source.js'
export type { RtpSourceOptions, RtpTrackOptions } from './rtp/rtp-source-options.js'
export type { RtpSourceStats, RtpTrackStats } from './rtp/rtp-source-stats.js'
export type { SenderAddress } from './rtp/sender-pin.js'
export type { RtpSinkRefused } from './rtp/sink-sockets.js'
export type { SrtpKeyOptions } from './rtp/srtp-key.js'
export type { LocalCodec, LocalCodecName } from './track-codec.js'
