/** Where the numbers of an outgoing stream lie in its record: those that every packet changes first, then those that every packet needs. */

/** The source's highest number so far; -1 when another source may begin anywhere. */
export const NEWEST_IN = 0
/** The highest outgoing unwrapped sequence number; -1 before the first packet. */
export const NEWEST_OUT = 1
/** The latest outgoing timestamp, and when it was the present. */
export const LATEST_TIMESTAMP = 2
export const LATEST_MS = 3
/** Sent: packets, their bytes with RTP headers, and without. */
export const PACKETS = 4
export const BYTES = 5
export const PAYLOAD_BYTES = 6
/** When what has been sent since the last time is to be counted, see `SentRate`. */
export const RATE_DUE_MS = 7
/** The newest picture id and TL0PICIDX that were sent; -1 before the first. */
export const NEWEST_PICTURE_ID = 8
export const NEWEST_TL0_PIC_IDX = 9
/** The constants of a steady stretch, see `SteadyStream`. */
export const IS_STEADY = 10
export const TIMESTAMP_SHIFT = 11
export const PLAIN_AFTER_MS = 12
export const SSRC = 13
/** The payload type, and above it the id of the transport-wide number, which is the only header extension element; 0 for none. */
export const HEADER_FIELDS = 14
/** The shift of picture ids, and that of TL0PICIDX above it. */
export const COUNTER_SHIFTS = 15

/** How many numbers a stream has. */
export const STREAM_RECORD_LENGTH = 16
