/** How much the other side may send in a section (RFC 8866, section 5.8; RFC 3890). */

/** In kilobits, which all understand, and exactly (RFC 3890); who knows both takes the latter. */
export function bandwidthLines(maxBitrateBps: number | undefined): string[] {
  if (maxBitrateBps === undefined) return []
  return [`b=AS:${Math.max(1, Math.round(maxBitrateBps / 1000))}`, `b=TIAS:${Math.round(maxBitrateBps)}`]
}
