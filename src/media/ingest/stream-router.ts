/**
 * Which layer an SSRC belongs to: declared in the SDP, or learned from its packets by rid and MID (RFC 8852, RFC 8843, section 15), or by
 * a payload type that only one section has (RFC 8843, section 9.2), which serves publishers that send neither.
 */
import { ExtensionElement } from '../../rtp/header-extension.js'
import type { RtpHeader } from '../../rtp/rtp-header.js'
import { IngestStream } from './ingest-stream.js'
import type { IngestLayer, IngestTrack } from './ingest-track.js'

const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid'
const RID_URI = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'

/** How many SSRCs a publisher may have at once. Authentic packets only get here, so this bounds a defect, not an attack. */
const MAX_STREAMS = 128

const element = new ExtensionElement()

/** A stream and the layer it belongs to. */
export interface StreamRoute {
  readonly stream: IngestStream
  readonly target: IngestLayer
}

/** The routing table of one publisher. */
export class StreamRouter {
  readonly #routes = new Map<number, StreamRoute>()
  readonly #tracks: readonly IngestTrack[]

  constructor(tracks: readonly IngestTrack[]) {
    this.#tracks = tracks
    // With several layers only the rid tells them apart, whatever the SDP declares.
    for (const track of tracks) {
      const [only] = track.targets
      if (track.targets.length > 1 || only === undefined) continue
      for (const ssrc of track.section.ssrcs) if (this.#routes.size < MAX_STREAMS) this.#add(ssrc, only)
    }
  }

  /** Everything that is known, declared or learned. */
  routes(): IterableIterator<StreamRoute> {
    return this.#routes.values()
  }

  /** The route of an SSRC that is known. */
  find(ssrc: number): StreamRoute | undefined {
    return this.#routes.get(ssrc)
  }

  /** Learns the route of a packet whose SSRC is unknown; undefined if nothing says where it belongs. */
  learn(buffer: Buffer, header: RtpHeader): StreamRoute | undefined {
    const target = this.#target(buffer, header)
    if (target === undefined) return undefined
    const forgotten = target.forget()
    if (forgotten !== undefined) this.#routes.delete(forgotten.ssrc)
    return this.#routes.size < MAX_STREAMS ? this.#add(header.ssrc, target) : undefined
  }

  #add(ssrc: number, target: IngestLayer): StreamRoute {
    const route = { stream: new IngestStream(ssrc), target }
    this.#routes.set(ssrc, route)
    return route
  }

  #target(buffer: Buffer, header: RtpHeader): IngestLayer | undefined {
    const candidates = this.#tracks.filter((track) => track.codec(header.payloadType) !== undefined)
    let track = candidates.find(({ id, extensions }) => readText(buffer, header, extensions, MID_URI) === id)
    // A MID that no section has is another session's packet, not a reason to guess.
    if (track === undefined && candidates.some((one) => readText(buffer, header, one.extensions, MID_URI)))
      return undefined
    const byRid = (track === undefined ? candidates : [track]).flatMap(({ targets, extensions }) => {
      const rid = readText(buffer, header, extensions, RID_URI)
      return targets.filter(({ layer }) => layer.rid !== undefined && layer.rid === rid)
    })
    if (byRid.length === 1) return byRid[0]
    if (track === undefined && candidates.length === 1) track = candidates[0]
    return track?.targets.length === 1 ? track.targets[0] : undefined
  }
}

function readText(
  buffer: Buffer,
  header: RtpHeader,
  extensions: IngestTrack['extensions'],
  uri: string,
): string | undefined {
  const id = extensions.find((extension) => extension.uri === uri)?.id
  if (id === undefined || !element.find(buffer, header, id)) return undefined
  return buffer.toString('utf8', element.offset, element.offset + element.length)
}
