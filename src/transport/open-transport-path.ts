/** Takes the native path or the portable one, as was asked for and as is possible. */
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'
import { openNativePath } from './native/native-path.js'
import { portablePath } from './portable-path.js'
import type { NativeChoice, NativeStatus, TransportPath } from './transport-path.js'

const log = createLog('native')

/** One path for a shard. Throws `native-unavailable` if it is required and a part of it is not possible. */
export function openTransportPath(choice: NativeChoice): TransportPath {
  const path = choice === 'off' ? portablePath('it is turned off') : openNativePath()
  const { srtp, dtls, udp, reason } = path.status
  log('%s', describe(path.status))
  if (choice === 'require' && !(srtp && dtls && udp)) {
    throw new BroadcastError('native-unavailable', `the native path is required and not possible: ${reason}`, {
      details: { ...path.status },
    })
  }
  return path
}

function describe({ srtp, dtls, udp, segmentation, reason }: NativeStatus): string {
  const parts = Object.entries({ SRTP: srtp, DTLS: dtls, UDP: udp, 'UDP segmentation': segmentation })
  const native = parts.filter(([, isNative]) => isNative).map(([name]) => name)
  const taken = native.length === 0 ? 'all of the transport is portable' : `native: ${native.join(', ')}`
  return reason === '' ? taken : `${taken}; ${reason}`
}
