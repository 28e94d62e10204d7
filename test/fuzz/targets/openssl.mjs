/** The handshakes once more, by the OpenSSL of the process; where that does not work, by what is taken instead. */
import { openNativePath } from '../../../dist/transport/native/native-path.js'
import { handshakeTarget } from './handshake.mjs'

export const target = handshakeTarget(openNativePath().createDtls)
