/** The numbers of STUN (RFC 8489, sections 5 and 18) and of its ICE attributes (RFC 8445, section 16). */

export const STUN_HEADER_LENGTH = 20
export const STUN_TRANSACTION_LENGTH = 12
export const STUN_MAGIC_COOKIE = 0x2112a442
/** The only method that ICE uses. */
export const STUN_METHOD_BINDING = 1

/** The two class bits of a message type. */
export const STUN_CLASS = { request: 0, indication: 1, success: 2, error: 3 } as const
export type StunClass = (typeof STUN_CLASS)[keyof typeof STUN_CLASS]

export const STUN_ATTRIBUTE = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  realm: 0x0014,
  nonce: 0x0015,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  software: 0x8022,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const

export const STUN_ERROR = { unknownAttribute: 420, roleConflict: 487 } as const

/** Attribute head (4 bytes) and the HMAC-SHA1 of 20 bytes. */
export const MESSAGE_INTEGRITY_LENGTH = 24
/** Attribute head (4 bytes) and the CRC-32. */
export const FINGERPRINT_LENGTH = 8

/** A Binding message type of that class: the class bits lie at 4 and 8, between those of the method. */
export function bindingType(stunClass: StunClass): number {
  return ((stunClass & 1) << 4) | ((stunClass & 2) << 7) | STUN_METHOD_BINDING
}
