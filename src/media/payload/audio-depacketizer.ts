/** Audio frames, one of which is one payload: Opus (RFC 7587, section 4.2), PCMU, PCMA and G722 (RFC 3551, section 4.5). */
import type { Depacketizer } from './types.js'

/** Needs no memory of what came before. */
export class AudioDepacketizer implements Depacketizer {
  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const payload = payloads[0]
    return payloads.length === 1 && payload !== undefined && payload.length > 0 ? new Uint8Array(payload) : undefined
  }
}
