/** Cutting what is too long for one packet. */

/**
 * `bytes` in as few pieces of at most `room` bytes as there can be, all of about the same length: a full packet with a stub behind it loses as
 * often as two halves do, but fills the queues on its way more. Empty for no bytes, and where there is no room.
 */
export function cutEvenly(bytes: Uint8Array, room: number): Uint8Array[] {
  const { length } = bytes
  if (room < 1) return []
  const count = Math.ceil(length / room)
  const cut = (piece: number): number => Math.floor((length * piece) / count)
  return Array.from({ length: count }, (_, piece) => bytes.subarray(cut(piece), cut(piece + 1)))
}
