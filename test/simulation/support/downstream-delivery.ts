/** Watches what a viewer is sent and what of it arrives: which part, and how long after it was sent first. */
import type { EgressSection } from '../../../src/media/egress/viewer-egress.js'
import { payloadCodec, VIEWER_EXTENSIONS, VP8 } from './sections.js'
import type { SimulatedViewer } from './simulated-viewer.js'
import type { Stage } from './stage.js'

export const VIDEO_SSRC = 0x4001
export const RTX_SSRC = 0x5001

/** A viewer's section of video alone, with RTX or without. */
export function viewerVideo(rtx: boolean): EgressSection {
  const codec = { ...payloadCodec(120, VP8), ...(rtx ? { rtxPayloadType: 121 } : {}) }
  const section = { mid: 'v', kind: 'video', codecs: [codec], extensions: VIEWER_EXTENSIONS, ssrc: VIDEO_SSRC } as const
  return rtx ? { ...section, rtxSsrc: RTX_SSRC } : section
}

export class DownstreamDelivery {
  /** When each packet was sent first, and all that were sent again, by number. */
  readonly sentMs = new Map<number, number>()
  resent = 0

  constructor(
    readonly stage: Stage,
    readonly viewer: SimulatedViewer,
  ) {
    const { output } = viewer
    const { sendRtp } = output
    output.sendRtp = (offset, headerLength, length, extSeq) => {
      const ssrc = output.buffer.readUInt32BE(offset + 8)
      if (ssrc === RTX_SSRC || (ssrc === VIDEO_SSRC && this.sentMs.has(extSeq))) this.resent++
      else if (ssrc === VIDEO_SSRC) this.sentMs.set(extSeq, stage.nowMs)
      sendRtp.call(output, offset, headerLength, length, extSeq)
    }
  }

  /** Milliseconds from the first sending to the first arrival, by number, from the packet on that came first. */
  delaysMs(): Map<number, number> {
    const delays = new Map<number, number>()
    for (const { extSeq, atMs } of this.viewer.video.packets) {
      // The receiver counts from one cycle on.
      const sentAs = extSeq - 0x1_0000
      if (!delays.has(sentAs)) delays.set(sentAs, atMs - (this.sentMs.get(sentAs) as number))
    }
    return delays
  }

  /** Which part of the packets came within that time, of those that can be missed: from the one on that came first. */
  within(limitMs: number): number {
    const delays = this.delaysMs()
    const first = delays.keys().next().value as number
    const sent = [...this.sentMs.keys()].filter((extSeq) => extSeq >= first)
    return sent.filter((extSeq) => (delays.get(extSeq) ?? Number.POSITIVE_INFINITY) <= limitMs).length / sent.length
  }
}
