/**
 * Payloads of redundant audio (RFC 2198, section 3): a header for each block, then the blocks in the same order, the newest one last. The
 * newest, or primary, is what the packet would be without redundancy; the others repeat earlier ones.
 */

/** Set in the header of every block but the last, which has no length nor timestamp. */
const FOLLOWS = 0x80
const PAYLOAD_TYPE = 0x7f
const HEADER_LENGTH = 4
const LAST_HEADER_LENGTH = 1

/**
 * Where the primary block of the payload `buffer[start, end)` begins, which is the rest of it; -1 if the headers do not fit the payload, the
 * primary block is empty, or a block is of another payload type than `payloadType`.
 */
export function primaryBlockOffset(buffer: Uint8Array, start: number, end: number, payloadType: number): number {
  let at = start
  let redundantBytes = 0
  for (; at < end && ((buffer[at] as number) & FOLLOWS) !== 0; at += HEADER_LENGTH) {
    if (((buffer[at] as number) & PAYLOAD_TYPE) !== payloadType || at + HEADER_LENGTH > end) return -1
    redundantBytes += (((buffer[at + 2] as number) & 0x03) << 8) | (buffer[at + 3] as number)
  }
  if (at >= end || buffer[at] !== payloadType) return -1
  const offset = at + LAST_HEADER_LENGTH + redundantBytes
  return offset < end ? offset : -1
}

/** Gives all blocks of the payload `buffer[start, end)` that payload type. */
export function setBlockPayloadTypes(buffer: Uint8Array, start: number, end: number, payloadType: number): void {
  let at = start
  for (; at < end && ((buffer[at] as number) & FOLLOWS) !== 0; at += HEADER_LENGTH) buffer[at] = FOLLOWS | payloadType
  if (at < end) buffer[at] = payloadType
}
