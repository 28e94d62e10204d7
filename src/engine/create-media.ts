/** The media of a peer, with the random numbers that they begin with. */
import { ViewerEgress, type ViewerEgressOptions } from '../media/egress/viewer-egress.js'
import { PublisherIngest, type PublisherIngestOptions } from '../media/ingest/publisher-ingest.js'
import type { ViewerStreams } from '../sdp/negotiate-viewer.js'
import type { PublisherSection, ViewerSection } from '../sdp/types.js'
import { randomInitialSeq, randomMediaStreamId, randomSsrc, randomTimestamp } from '../util/random-ids.js'
import type { OfferViewerRequest } from './types.js'

/** What a publisher sends. */
export function createIngest(
  id: string,
  sections: readonly PublisherSection[],
  end: Pick<PublisherIngestOptions, 'output' | 'cname' | 'config' | 'maxBitrateBps'>,
): PublisherIngest {
  return new PublisherIngest({ id, sections, localSsrc: randomSsrc(), ...end })
}

/** What a viewer gets. */
export function createEgress(
  { peerId, extensions }: Pick<OfferViewerRequest, 'peerId' | 'extensions'>,
  sections: readonly ViewerSection[],
  end: Pick<ViewerEgressOptions, 'output' | 'cname' | 'config' | 'onRtt'>,
): ViewerEgress {
  return new ViewerEgress({
    id: peerId,
    sections,
    ...end,
    initialSeq: randomInitialSeq,
    initialTimestamp: randomTimestamp,
    ...(extensions === undefined ? {} : { extensions }),
  })
}

/** Names for what a viewer gets. */
export function randomStreams(): ViewerStreams {
  return { msid: randomMediaStreamId(), ssrc: randomSsrc }
}
