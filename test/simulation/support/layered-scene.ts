/** A publisher with layers and viewers that get less of them: what both have negotiated, and short ways to make them. */
import type { EgressSection } from '../../../src/media/egress/viewer-egress.js'
import type { IngestSection } from '../../../src/media/ingest/publisher-ingest.js'
import type { HeaderExtension } from '../../../src/rtp/types.js'
import type { LayerMode } from './layer-patterns.js'
import { LayeredVideo, type LayeredVideoOptions } from './layered-video.js'
import {
  AV1,
  DESCRIPTOR_URI,
  H264,
  PUBLISHER_EXTENSIONS,
  payloadCodec,
  TRANSPORT_WIDE_URI,
  VIEWER_EXTENSIONS,
  VP8,
  VP9,
} from './sections.js'
import type { SimulatedPublisher, SimulatedPublisherOptions } from './simulated-publisher.js'
import type { Stage } from './stage.js'

export const VIDEO_SSRC = 0x4001
export const RTX_SSRC = 0x5001

/** The ids of the dependency descriptor: the publisher's and the viewer's. */
export const PUBLISHER_DESCRIPTOR_ID = 12
export const VIEWER_DESCRIPTOR_ID = 9
const RID_ID = 10

const PAYLOAD_TYPES = { VP8: 96, VP9: 98, H264: 102, AV1: 45 } as const
const CODECS = { VP8, VP9, H264, AV1 } as const

type CodecName = keyof typeof CODECS

/** What a publisher of layers offers: every codec, with rids for simulcast. */
export function layeredIngest(rids: readonly string[] = []): IngestSection {
  const codecs = Object.entries(CODECS).map(([name, codec]) => payloadCodec(PAYLOAD_TYPES[name as CodecName], codec))
  const extensions = [...PUBLISHER_EXTENSIONS, { id: PUBLISHER_DESCRIPTOR_ID, uri: DESCRIPTOR_URI }]
  return { mid: '1', kind: 'video', codecs, extensions, ssrcs: [], rids }
}

export interface LayeredViewerOptions {
  readonly rtx?: boolean
  /** It takes the dependency descriptor. */
  readonly descriptor?: boolean
  /** It reports on transport-wide numbers. */
  readonly transportWide?: boolean
}

/** What a viewer takes: every codec, under other numbers than the publisher's. */
export function layeredSection({ rtx, descriptor, transportWide }: LayeredViewerOptions = {}): EgressSection {
  const feedback = ['nack', 'nack pli', ...(transportWide ? ['transport-cc'] : [])]
  const codecs = Object.values(CODECS).map((codec, i) => ({
    ...payloadCodec(100 + 2 * i, codec, feedback),
    ...(rtx ? { rtxPayloadType: 101 + 2 * i } : {}),
  }))
  const extensions: HeaderExtension[] = [
    ...VIEWER_EXTENSIONS,
    ...(descriptor ? [{ id: VIEWER_DESCRIPTOR_ID, uri: DESCRIPTOR_URI }] : []),
    ...(transportWide ? [{ id: 5, uri: TRANSPORT_WIDE_URI }] : []),
  ]
  const section = { mid: 'v', kind: 'video', codecs, extensions, ssrc: VIDEO_SSRC } as const
  return rtx ? { ...section, rtxSsrc: RTX_SSRC } : section
}

/** An encoder: `tag` tells it apart from others. */
export function layeredVideo(
  codec: CodecName,
  mode: LayerMode,
  options: Partial<LayeredVideoOptions> & { readonly withDescriptor?: boolean; readonly ridName?: string } = {},
): LayeredVideo {
  const { withDescriptor, ridName, tag = 1, ...rest } = options
  return new LayeredVideo({
    ssrc: 0x1000 + tag,
    payloadType: PAYLOAD_TYPES[codec],
    seq: 65_000 + tag,
    timestamp: (0xfffe_0000 + tag * 77_777) >>> 0,
    pictureId: 32_700 + tag,
    framePackets: 2,
    ...(withDescriptor ? { descriptorId: PUBLISHER_DESCRIPTOR_ID } : {}),
    ...(ridName === undefined ? {} : { rid: { id: RID_ID, rid: ridName } }),
    ...{ codec, mode, tag },
    ...rest,
  })
}

/** A publisher of these encodings: simulcast if they have rids. */
export function layeredPublisher(
  stage: Stage,
  encoders: readonly LayeredVideo[],
  rids: readonly string[] = [],
  options: SimulatedPublisherOptions = {},
): SimulatedPublisher {
  return stage.publisher({ encoders, sections: [layeredIngest(rids)], audioEnabled: false, ...options })
}
