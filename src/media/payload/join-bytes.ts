/** Frames are put together from views of their payloads. */

/** The bytes of all parts, one after the other, as a copy; undefined if they are more than `maxBytes`. */
export function joinBytes(parts: readonly Uint8Array[], maxBytes: number): Uint8Array | undefined {
  let length = 0
  for (const part of parts) length += part.length
  if (length > maxBytes) return undefined
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
