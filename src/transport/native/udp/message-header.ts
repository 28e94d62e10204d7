/** `struct mmsghdr` and `struct iovec` of 64-bit Linux: where what is in them lies, in 32-bit words. */

/** A whole `struct mmsghdr`. */
export const HEADER_WORDS = 16
export const HEADER_BYTES = HEADER_WORDS * 4
/** `msg_name`, an address. */
export const NAME = 0
/** `msg_namelen` */
export const NAME_LENGTH = 2
/** `msg_iov`, an address. */
export const PARTS = 4
/** `msg_iovlen` */
export const PART_COUNT = 6
/** `msg_control`, an address. */
export const CONTROL = 8
/** `msg_controllen` */
export const CONTROL_LENGTH = 10
/** `msg_flags` */
export const FLAGS = 12
/** `msg_len`: what was sent or received. */
export const LENGTH = 14
/** A whole `struct iovec`: an address and a length. */
export const PART_WORDS = 4
