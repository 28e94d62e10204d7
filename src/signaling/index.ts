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
export type { AdapterOptions, SessionAccess } from './adapter-options.js'
export { type AdminApiOptions, adminApi } from './admin/admin-api.js'
export type {
  AdminBroadcast,
  AdminSession,
  AdminTarget,
  BroadcastStats,
  SessionInfo,
  SessionStats,
  SfuStats,
} from './admin/admin-target.js'
export type { AuthorizationAction, AuthorizationRequest, Authorize, Grant } from './authorization.js'
export { isBroadcastName } from './broadcast-name.js'
export { compose } from './compose.js'
export type { FetchHandler, SignalingHandler } from './handler.js'
export { type JwtAuthorizerOptions, type JwtClaims, jwtAuthorizer } from './jwt-authorizer.js'
export type { JsonWebKeySet, JwtKeyOptions } from './jwt-keys.js'
export { type KeyAuthorizerOptions, keyAuthorizer } from './key-authorizer.js'
export { type NodeHttpListener, type NodeHttpOptions, nodeHttp } from './node-http.js'
export { type PlainExchangeOptions, plainExchange } from './plain-exchange.js'
export { type RedirectTarget, redirected } from './redirect.js'
export type { BroadcastScope, TokenPermissions } from './token-permissions.js'
export type { TrustProxy } from './trust-proxy.js'
export type {
  WebhookFetch,
  WebhookFetchInit,
  WebhookFetchReply,
  WebhookReplyBody,
  WebhookReplyHeaders,
} from './webhooks/http-post.js'
export {
  WEBHOOK_EVENTS,
  type WebhookBroadcast,
  type WebhookData,
  type WebhookEventType,
  type WebhookHealth,
  type WebhookHealthSource,
  type WebhookSession,
  type WebhookSource,
} from './webhooks/webhook-events.js'
export type { WebhookOptions } from './webhooks/webhook-options.js'
export { type ReceivedWebhook, verifyWebhook } from './webhooks/webhook-signature.js'
export { type WebhookBody, type WebhookStats, type Webhooks, webhooks } from './webhooks/webhooks.js'
export type {
  ByeMessage,
  CandidateInit,
  LayerMessage,
  LayersMessage,
  PingMessage,
  PongMessage,
  PublishMessage,
  RequestId,
  ResumeMessage,
  TrickleMessage,
  ViewMessage,
  WebSocketClientMessage,
  WebSocketRequest,
  WebSocketServerMessage,
  WebSocketSessionState,
} from './websocket/messages.js'
export type { HeadersLike, UpgradeRequestLike, WebSocketConnection, WebSocketLike } from './websocket/websocket-like.js'
export type { WebSocketSignalingOptions } from './websocket/websocket-options.js'
export { type WebSocketSignaling, webSocketSignaling } from './websocket/websocket-signaling.js'
export type { IceServer } from './whip-whep/ice-server.js'
export { type TurnRestOptions, turnRestServer } from './whip-whep/turn-rest.js'
export type { IceServerContext } from './whip-whep/whip-whep-options.js'
export { type WhipWhepOptions, whipWhep } from './whip-whep.js'
