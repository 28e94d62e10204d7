/**
 * `manycast/testing`: for the tests of what is built on manycast.
 *
 * @packageDocumentation
 */

export type {
  ContractAdapter,
  ContractCase,
  ContractClient,
  ContractFeature,
  ContractJoin,
  ContractSetup,
  CreateContractAdapter,
  SignalingContractOptions,
} from './contract/contract-types.js'
export { signalingContract } from './contract/signaling-contract.js'
export { type FakeMedia, type FakePeerOf, type FakeSfu, fakeSfu } from './fake-sfu.js'
export { type FakeCall, type FakeSession, type FakeTarget, type FakeTargetOptions, fakeTarget } from './fake-target.js'
export {
  assertBitrateBetween,
  assertLossAtMost,
  assertReceivedFrames,
  assertReceivedKeyframes,
  assertReceivedPackets,
} from './media-assertions.js'
export type { CheckedKind, MediaSubject } from './media-checks.js'
export { type MatcherResult, type MediaMatchers, mediaMatchers } from './media-matchers.js'
export type { OfferExchange, TestPeer, TestPeerOptions, TestPeerState } from './peer-connection.js'
export type { ReceivedMedia, WantedMedia } from './received-media.js'
export type { ReceivedStreamStats } from './received-stream.js'
export type { ReceivedVideoStats } from './received-video.js'
export { SeededRandom } from './seeded-random.js'
export {
  type SentMedia,
  type TestPublisher,
  type TestPublisherOptions,
  type TestVideoOptions,
  testPublisher,
} from './test-publisher.js'
export {
  type TestPacket,
  type TestViewer,
  type TestViewerOptions,
  testViewer,
  type WaitOptions,
} from './test-viewer.js'
export { VirtualClock } from './virtual-clock.js'
export { type LinkConditions, type LinkStats, VirtualLink } from './virtual-network.js'
