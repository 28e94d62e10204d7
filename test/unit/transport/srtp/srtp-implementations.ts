/** The transforms that the tests of SRTP run on: the portable ones, and the native ones where this platform has them. */
import { loadKoffiLibrary } from '../../../../src/transport/native/koffi-library.js'
import type { NativePart } from '../../../../src/transport/native/native-part.js'
import { whyNoNativePath } from '../../../../src/transport/native/native-platform.js'
import { openNativeSrtp } from '../../../../src/transport/native/srtp/native-srtp.js'
import { type CreateTransform, createPortableTransform } from '../../../../src/transport/srtp/create-srtp.js'
import type { SrtpProfile } from '../../../../src/transport/types.js'
import { PROFILES } from './srtp-fixtures.js'

function openNative(): NativePart<CreateTransform> {
  const reason = whyNoNativePath(process)
  return reason === undefined ? openNativeSrtp(loadKoffiLibrary()) : { reason }
}

/** What makes the native transforms, or why there are none. */
export const NATIVE = openNative()

type Implementation = readonly [name: string, createTransform: CreateTransform]

export const IMPLEMENTATIONS: readonly Implementation[] = [
  ['portable', createPortableTransform],
  ...('reason' in NATIVE ? [] : [['native', NATIVE] as const]),
]

/** Each profile of each implementation. */
export const PROFILES_OF_ALL: readonly (readonly [SrtpProfile, ...Implementation])[] = IMPLEMENTATIONS.flatMap(
  (implementation) => PROFILES.map((profile) => [profile, ...implementation] as const),
)
