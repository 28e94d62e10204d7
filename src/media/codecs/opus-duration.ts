/** How long an Opus packet sounds, from its first two bytes (RFC 6716, section 3.1). */

const SILK_US = [10_000, 20_000, 40_000, 60_000]
const HYBRID_US = [10_000, 20_000]
const CELT_US = [2500, 5000, 10_000, 20_000]

/** No packet is longer (RFC 6716, section 3.4). */
const MAX_US = 120_000

/** In microseconds; 0 for what is no Opus packet. */
export function opusDurationUs(packet: Uint8Array): number {
  const toc = packet[0]
  if (toc === undefined) return 0
  const config = toc >> 3
  const frame = config < 12 ? SILK_US[config & 3] : config < 16 ? HYBRID_US[config & 1] : CELT_US[config & 3]
  const code = toc & 3
  const count = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f
  const duration = (frame as number) * count
  return duration <= MAX_US ? duration : 0
}
