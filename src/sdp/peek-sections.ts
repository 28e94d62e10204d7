/** The media sections of a description of ours, without reading the rest of it. */
import type { MediaKind } from '../rtp/types.js'

/** One `m=` line. */
export interface PeekedSection {
  /** Undefined for other media, and for a section that is refused. */
  readonly kind: MediaKind | undefined
  /** '' without one. */
  readonly mid: string
}

/** In the order of the m-lines. */
export function peekSections(answer: string): PeekedSection[] {
  return answer
    .split(/^m=/m)
    .slice(1)
    .map((section) => {
      const [, type, port] = /^(\S+) (\d+)/.exec(section) ?? []
      const isMedia = port !== '0' && (type === 'audio' || type === 'video')
      return { kind: isMedia ? type : undefined, mid: /^a=mid:(\S+)/m.exec(section)?.[1] ?? '' }
    })
}
