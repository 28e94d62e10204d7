/** `manycast/signaling`: from HTTP requests to a `Sfu` or `Broadcast`. */
export type {
  CloseReason,
  LayerPreference,
  OfferInput,
  SectionLayers,
  SessionRole,
  SessionState,
  SignalingAnswer,
  SignalingContext,
  SignalingEvent,
  SignalingListener,
  SignalingSession,
  SignalingTarget,
  TrickleResult,
} from '../broadcast/signaling-target.js'
export type { AdapterOptions } from './adapter-options.js'
export { isBroadcastName } from './broadcast-name.js'
export { compose } from './compose.js'
export type { FetchHandler, SignalingHandler } from './handler.js'
export { type NodeHttpListener, nodeHttp } from './node-http.js'
export { type PlainExchangeOptions, plainExchange } from './plain-exchange.js'
export { type WhipWhepOptions, whipWhep } from './whip-whep.js'
