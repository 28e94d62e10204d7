/** A broadcast with peers of the testing kit around it. */
import type { Broadcast } from '../../src/broadcast/broadcast.js'
import type { SfuOptions } from '../../src/broadcast/sfu-options.js'
import type { SignalingContext } from '../../src/broadcast/signaling-target.js'
import {
  type TestPublisher,
  type TestPublisherOptions,
  type TestViewer,
  type TestViewerOptions,
  testPublisher,
  testViewer,
} from '../../src/testing/index.js'

/** Options for tests: loopback only, media in this thread, which has the peers to carry as well. */
export const TEST_OPTIONS: SfuOptions = { workers: 0, listenIps: ['127.0.0.1'], overload: false }

/** Lets a publisher join; it sends from then on. */
export function joinPublisher(broadcast: Broadcast, options?: TestPublisherOptions): Promise<TestPublisher> {
  return testPublisher(async (offer) => (await broadcast.addPublisher(offer)).sdp, options)
}

/** Lets a viewer join; resolves when it is connected. */
export function joinViewer(
  broadcast: Broadcast,
  context?: SignalingContext,
  options?: TestViewerOptions,
): Promise<TestViewer> {
  return testViewer(async (offer) => (await broadcast.addViewer(offer, context)).sdp, options)
}
