/** Random ICE credentials (RFC 8839, section 5.4; RFC 8445, section 5.3). */
import { randomText } from '../../util/random-pool.js'
import type { IceCredentials } from './ice-types.js'

/** 48 random bits: unguessable enough for a name; the password is what protects. */
const UFRAG_BYTES = 6
/** 144 random bits, where 128 are demanded. */
const PWD_BYTES = 18

/** New credentials of 8 and 24 characters, with a ufrag that `isTaken` does not know. Base64 has exactly the letters of ICE. */
export function randomIceCredentials(isTaken: (iceUfrag: string) => boolean = () => false): IceCredentials {
  for (;;) {
    const iceUfrag = randomText(UFRAG_BYTES, 'base64')
    if (!isTaken(iceUfrag)) return { iceUfrag, icePwd: randomText(PWD_BYTES, 'base64') }
  }
}
