/** So many packets of one feedback are looked at. */
export const MAX_FEEDBACK_PACKETS = 4096

/**
 * The packets that a feedback tells to have arrived, in the order in which they were sent. Flat arrays, one set for the thread: a number that is
 * handed from function to function may have to be put on the heap, one in such an array never.
 */
export class ReceivedPackets {
  count = 0
  readonly sentMs = new Float64Array(MAX_FEEDBACK_PACKETS)
  /** By the receiver's clock. */
  readonly arrivalMs = new Float64Array(MAX_FEEDBACK_PACKETS)
  /** 0 for one whose bytes have been counted before. */
  readonly bytes = new Uint16Array(MAX_FEEDBACK_PACKETS)
}
