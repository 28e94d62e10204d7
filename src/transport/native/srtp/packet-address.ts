/** The last check before an address goes to C. */
import type { NativeLibrary } from '../koffi-library.js'

/**
 * Where `buffer[start]` lies, if `start <= middle <= end` are whole numbers and so many bytes of a trailer fit behind `end`; 0 if not, which
 * is no address.
 */
export function packetAddress(
  library: NativeLibrary,
  buffer: Buffer,
  start: number,
  middle: number,
  end: number,
  trailerBytes: number,
): number {
  // `>>> 0` leaves whole numbers as they are, and none that are negative or not numbers.
  if (start >>> 0 !== start || middle >>> 0 !== middle || end >>> 0 !== end) return 0
  if (start > middle || middle > end || end + trailerBytes > buffer.length) return 0
  return library.addressOf(buffer) + start
}
