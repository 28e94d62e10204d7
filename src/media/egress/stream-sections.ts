/** The streams of a viewer's sections: one each, or one per layer where the viewer takes all layers of a video at once (RFC 8853). */
import type { EgressSection } from './egress-section.js'

/** What was negotiated about one stream. */
export interface StreamSection extends EgressSection {
  /** The name that its packets carry, and those of its retransmissions as what they repair (RFC 8852); undefined for the only stream of a section. */
  readonly rid?: string
  /** True if nothing is sent before the viewer resumes it; false if left out. */
  readonly beginsPaused?: boolean
}

/** The streams of `section`, worst quality first. */
export function streamSections(section: EgressSection): readonly StreamSection[] {
  const { layers, rtxSsrc: _, ...common } = section
  if (layers === undefined) return [section]
  return layers.map(({ rid, ssrc, rtxSsrc, paused = false }) => {
    return { ...common, ...(rtxSsrc === undefined ? {} : { rtxSsrc }), ssrc, rid, beginsPaused: paused }
  })
}
