/** What a shard can be asked for, by the engine of its own thread or through the port of its worker. */
import type { MessagePort } from 'node:worker_threads'
import type { BroadcastErrorJson } from '../errors.js'
import type { EngineConfig } from './engine-config.js'
import type { FeedOrigin, Origin } from './origin-table.js'
import type {
  AddPublisherRequest,
  AddViewerRequest,
  BroadcastEngineStats,
  EngineListener,
  OfferPublisherRequest,
  OfferViewerRequest,
  PeerAnswer,
  PeerCloseReason,
  PeerLayerEvent,
  PeerOffer,
  PeerStateEvent,
  PeerStats,
  ShardLoad,
  ShardStats,
  ShardSummary,
  TrickleResult,
  ViewerSettings,
} from './types.js'

type Eventually<T> = T | Promise<T>

/** A viewer's offer, and where the feeds of its broadcast come from at that moment. */
export interface AddShardViewerRequest extends AddViewerRequest {
  readonly feeds: readonly FeedOrigin[]
}

/** A shard as its engine sees it. Errors are `BroadcastError`s on both sides of the thread. */
export interface ShardApi {
  addPublisher(request: AddPublisherRequest): Promise<PeerAnswer>
  addViewer(request: AddShardViewerRequest): Promise<PeerAnswer>
  offerPublisher(request: OfferPublisherRequest): Promise<PeerOffer>
  offerViewer(request: OfferViewerRequest): Promise<PeerOffer>
  /** @param feeds where the feeds of the peer's broadcast come from at that moment. */
  acceptAnswer(peerId: string, answer: string, feeds: readonly FeedOrigin[]): Promise<void>
  configureViewer(peerId: string, settings: ViewerSettings): Promise<void>
  trickle(peerId: string, fragment: string): Promise<TrickleResult>
  closePeer(peerId: string, reason: PeerCloseReason): Promise<void>
  setOrigin(broadcastId: string, feed: string, origin: Origin | undefined): Eventually<void>
  connectShard(index: number, port: MessagePort): Eventually<void>
  peerStats(peerId: string): Eventually<PeerStats | undefined>
  broadcastStats(broadcastId: string): Eventually<BroadcastEngineStats>
  removeBroadcast(broadcastId: string): Eventually<void>
  stats(): Eventually<ShardStats>
  lowerLayers(layers: number): Eventually<void>
  load(): Eventually<ShardLoad>
  summary(broadcastIds: readonly string[]): Promise<ShardSummary>
  close(): Promise<void>
}

/** What is heard of a publisher. */
export interface PeerSpeech {
  readonly peerId: string
  readonly speaking: boolean
  /** Smoothed, in dBov. */
  readonly levelDbov: number
}

/** What a shard tells without being asked. Who speaks is decided by the engine, as the publishers of a broadcast may be on several shards. */
export interface ShardEvents extends Omit<EngineListener, 'onActiveSpeaker'> {
  /** How loud publishers are, each at most five times a second; all of the shard together. */
  onSpeech(speech: readonly PeerSpeech[]): void
}

/** What the engine wants to hear of a shard. */
export interface ShardListener extends ShardEvents {
  /** Its thread ended without being asked to. Called at most once. */
  onDeath(detail: string): void
}

/** The names that may be called through a worker's port. */
export type ShardMethod = keyof ShardApi

/** What a worker thread is started with. */
export interface ShardWorkerData {
  readonly index: number
  readonly config: EngineConfig
}

/** From the engine to a worker. */
export interface ShardCall {
  readonly call: number
  readonly method: ShardMethod
  readonly args: readonly unknown[]
}

/** From a worker to the engine. */
export type ShardNotice =
  | { readonly type: 'ready' }
  | { readonly type: 'open-failed'; readonly error: BroadcastErrorJson }
  | { readonly type: 'result'; readonly call: number; readonly value: unknown }
  | { readonly type: 'error'; readonly call: number; readonly error: BroadcastErrorJson }
  | { readonly type: 'peer-state'; readonly event: PeerStateEvent }
  | { readonly type: 'layer'; readonly event: PeerLayerEvent }
  | { readonly type: 'speech'; readonly speech: readonly PeerSpeech[] }
