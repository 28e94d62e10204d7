/**
 * manycast: one publisher uploads once; everybody watches.
 *
 * @packageDocumentation
 */

export type { AddressOptions, AnnouncedAddressOption, IceTcpOptions } from './broadcast/address-options.js'
export { Broadcast } from './broadcast/broadcast.js'
export type { BroadcastEvents } from './broadcast/broadcast-events.js'
export type { DrainOptions } from './broadcast/drain.js'
export type { ExtensionOptions } from './broadcast/extension-options.js'
export type { LoadStats } from './broadcast/load/load-stats.js'
export type { OverloadOptions } from './broadcast/load/overload-options.js'
export { Session, type SessionEvents } from './broadcast/session.js'
export type { SessionInfo } from './broadcast/session-info.js'
export type { SessionLimits } from './broadcast/session-limits.js'
export { Sfu, type SfuEvents } from './broadcast/sfu.js'
export type { BroadcastOptions, PublisherPolicy, SfuOptions } from './broadcast/sfu-options.js'
export type { AnswerInput, OfferContext, SignalingOffer } from './broadcast/signaling-offer.js'
export type {
  CloseReason,
  OfferInput,
  RelayInfo,
  SessionRole,
  SessionState,
  SignalingAnswer,
  SignalingContext,
  SignalingEvent,
  SignalingListener,
  SignalingSession,
  SignalingTarget,
  TrickleResult,
} from './broadcast/signaling-target.js'
export type { BroadcastStats, SessionStats, SfuShardSummary, SfuStats, SfuSummary } from './broadcast/stats.js'
export type { TapOptions } from './broadcast/tap-options.js'
export { TapStream } from './broadcast/tap-stream.js'
export type {
  AvailableLayer,
  AvailableSublayer,
  LayerEvent,
  LayerEventReason,
  LayerPreference,
  PlayoutDelay,
  SectionLayers,
} from './engine/types.js'
export { BroadcastError, type BroadcastErrorCode, type BroadcastErrorJson, ERROR_CODES } from './errors.js'
export type { TappedFrame } from './taps/frame-sink.js'
export type { TappedPacket } from './taps/packet-sink.js'
