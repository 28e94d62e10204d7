/**
 * Which layer an SSRC belongs to: declared in the SDP, or learned from its packets by rid and MID (RFC 8852, RFC 8843, section 15), or by
 * a payload type that only one section has (RFC 8843, section 9.2), which serves publishers that send neither.
 */
import type { RtpHeader } from '../../rtp/rtp-header.js'
import { IngestStream } from './ingest-stream.js'
import type { IngestLayer, IngestTrack } from './ingest-track.js'
import { readRid, sectionsOf } from './packet-identity.js'

/** How many SSRCs a publisher may have at once. Authentic packets only get here, so this bounds a defect, not an attack. */
const MAX_STREAMS = 128

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
    const able = this.#tracks.filter((track) => track.codec(header.payloadType) !== undefined)
    const candidates = sectionsOf(able, buffer, header)
    const byRid = candidates.flatMap(({ targets, extensions }) => {
      const rid = readRid(buffer, header, extensions)
      return targets.filter(({ layer }) => layer.rid !== undefined && layer.rid === rid)
    })
    if (byRid.length === 1) return byRid[0]
    const [only] = candidates
    return candidates.length === 1 && only?.targets.length === 1 ? only.targets[0] : undefined
  }
}
