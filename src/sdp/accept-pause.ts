/**
 * Whether streams can be paused and resumed by RTCP (RFC 7728, section 9). Taken only as we do it ourselves: with all messages in both directions,
 * which is what the line means without `config`, and with `nowait`, as nobody else receives the streams who would have to be waited for.
 */
import type { SdpMedia } from './description.js'

/** The answer's line, for all payload types as the RFC wants it. */
export const PAUSE_LINE = 'a=rtcp-fb:* ccm pause nowait'

/** True if the section's streams can be paused and resumed. */
export function acceptsPause({ protocol, feedback }: Pick<SdpMedia, 'protocol' | 'feedback'>): boolean {
  // RTP/SAVP is the profile without feedback.
  if (!protocol.endsWith('F')) return false
  return feedback.some(({ value }) => {
    const [ccm, pause, ...attributes] = value.split(' ')
    if (ccm !== 'ccm' || pause !== 'pause' || !attributes.includes('nowait')) return false
    return attributes.every((attribute) => !attribute.startsWith('config=') || attribute === 'config=1')
  })
}
