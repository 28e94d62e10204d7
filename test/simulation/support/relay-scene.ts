/** A publisher with three layers, a chain of servers behind it, and viewers of the last one. */
import { SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import { RelayLink, type RelayLinkOptions } from './relay-link.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec, RID_URI, VP8 } from './sections.js'
import type { SimulatedPublisher, SimulatedPublisherOptions } from './simulated-publisher.js'
import type { SimulatedViewer, SimulatedViewerOptions } from './simulated-viewer.js'
import type { Stage } from './stage.js'

/** About 130 kbps, 530 kbps and 2 Mbps at 30 frames per second, named best first, as some browsers do. */
const ENCODINGS = [
  { rid: 'f', height: 720, packetBytes: 1100, framePackets: 7 },
  { rid: 'h', height: 360, packetBytes: 1100, framePackets: 2 },
  { rid: 'q', height: 180, packetBytes: 500, framePackets: 1 },
]

/** The rids of a simulcast publisher, worst first, with as many layers as that. */
export function simulcastPublisher(
  stage: Stage,
  options: SimulatedPublisherOptions & { readonly layers?: number } = {},
): SimulatedPublisher {
  const { seed = 1, layers = 3, ...rest } = options
  const ridId = PUBLISHER_EXTENSIONS.find(({ uri }) => uri === RID_URI)?.id ?? 0
  const taken = ENCODINGS.slice(ENCODINGS.length - layers)
  const encoders = taken.map(({ rid, height, packetBytes, framePackets }, index) => {
    const video = new SyntheticVideo({
      ssrc: 0x1000 + seed * 16 + index,
      payloadType: 96,
      seq: 60_000 + index * 1000,
      timestamp: (0xfffe_0000 + index * 777_777) >>> 0,
      pictureId: 32_000 + index * 300,
      width: (height * 16) / 9,
      ...{ height, packetBytes, framePackets, keyframePackets: framePackets * 4 },
    })
    if (layers > 1) video.elements = [{ id: ridId, data: Buffer.from(rid) }]
    return video
  })
  const video = payloadCodec(96, VP8)
  return stage.publisher({
    seed,
    encoders,
    sections: [
      {
        mid: '0',
        kind: 'audio',
        codecs: [payloadCodec(111, OPUS)],
        extensions: PUBLISHER_EXTENSIONS,
        ssrcs: [],
        rids: [],
      },
      {
        ...{ mid: '1', kind: 'video', codecs: [video], extensions: PUBLISHER_EXTENSIONS, ssrcs: [] },
        rids: layers > 1 ? taken.map(({ rid }) => rid) : [],
      },
    ],
    ...rest,
  })
}

/** The servers behind a publisher's. */
export class RelayChain {
  readonly links: readonly RelayLink[]

  /** Each link takes from the server before it; the first from the publisher's. */
  constructor(
    readonly stage: Stage,
    readonly publisher: SimulatedPublisher,
    options: readonly RelayLinkOptions[],
  ) {
    this.links = options.map((one, index) => new RelayLink(stage.clock, stage.config, { seed: index + 1, ...one }))
    for (const [index, link] of this.links.entries()) link.start(this.links[index - 1]?.ingest ?? publisher.ingest)
  }

  /** The link at that place. */
  link(index: number): RelayLink {
    return this.links.at(index) as RelayLink
  }

  /** A viewer of the last server. */
  join(options: SimulatedViewerOptions = {}): SimulatedViewer {
    const viewer = this.stage.viewer(options)
    viewer.egress.setSource('main', this.link(-1).ingest, this.stage.nowMs)
    viewer.egress.start(this.stage.nowMs)
    return viewer
  }
}
