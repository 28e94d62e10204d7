import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NativeLibrary } from '../../../../../src/transport/native/koffi-library.js'
import { loadKoffiLibrary } from '../../../../../src/transport/native/koffi-library.js'
import { whyNoNativePath } from '../../../../../src/transport/native/native-platform.js'
import { wrongAnswer } from '../../../../../src/transport/native/srtp/known-answers.js'
import { openNativeSrtp } from '../../../../../src/transport/native/srtp/native-srtp.js'
import { type CreateTransform, createPortableTransform } from '../../../../../src/transport/srtp/create-srtp.js'
import { deriveSessionKeys } from '../../../../../src/transport/srtp/session-keys.js'
import type { SrtpProfile } from '../../../../../src/transport/types.js'
import { PROFILES, pattern } from '../../srtp/srtp-fixtures.js'
import { NATIVE } from '../../srtp/srtp-implementations.js'

const platform = whyNoNativePath(process)
const keysOf = (profile: SrtpProfile, seed: number) =>
  deriveSessionKeys(profile, pattern(16, seed), pattern(profile === 'AEAD_AES_128_GCM' ? 12 : 14, seed + 1))

/** The same library; `contexts` are those that it has made and not freed. */
function watched(library: NativeLibrary, contexts: Set<number>): NativeLibrary {
  return {
    ...library,
    bind: (name, result, parameters) => {
      const fn = library.bind(name, result, parameters)
      if (fn === undefined || !name.startsWith('EVP_CIPHER_CTX_')) return fn
      return (...args) => {
        if (name === 'EVP_CIPHER_CTX_free' && !contexts.delete(args[0] as number)) throw new Error('not a context')
        const value = fn(...args)
        if (name === 'EVP_CIPHER_CTX_new') contexts.add(value)
        return value
      }
    },
  }
}

describe.skipIf(platform !== undefined)(`native SRTP${platform === undefined ? '' : `, not here: ${platform}`}`, () => {
  it('is there wherever the platform is one for it', () => {
    expect(NATIVE).not.toHaveProperty('reason')
  })

  describe.each(PROFILES)('%s', (profile) => {
    const native = NATIVE as CreateTransform

    it('does with RTP of any length, header, place and index what the portable one does, and each opens what the other sealed', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 1000 }),
          fc.integer({ min: 0, max: 19 }),
          fc.integer({ min: 12, max: 12 + 15 * 4 + 4 + 60 }),
          fc.oneof(
            fc.integer({ min: 0, max: 40 }),
            fc.integer({ min: 0, max: 1500 }),
            fc.integer({ min: 60_000, max: 65_300 }),
          ),
          fc.oneof(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 2 ** 48 - 3, max: 2 ** 48 - 1 })),
          (seed, start, headerLength, payloadLength, index) => {
            const keys = keysOf(profile, seed)
            const transforms = [native(profile, keys), createPortableTransform(profile, keys)]
            const end = start + headerLength + payloadLength
            const overhead = (transforms[0] as { rtpOverhead: number }).rtpOverhead
            const before = pattern(end + overhead + 7, seed + 2)
            const sealed = transforms.map((transform) => {
              const buffer = Buffer.from(before)
              expect(transform.sealRtp(buffer, start, headerLength, end, index)).toBe(true)
              return buffer
            }) as [Buffer, Buffer]
            expect(sealed[0].equals(sealed[1])).toBe(true)
            for (const transform of transforms) {
              const buffer = Buffer.from(sealed[0])
              expect(transform.openRtp(buffer, start, headerLength, end + overhead, index)).toBe(true)
              expect(buffer.subarray(0, end).equals(before.subarray(0, end))).toBe(true)
              // One bit anywhere, and nothing is opened or changed.
              const forged = Buffer.from(sealed[0])
              const at = start + (seed % (end + overhead - start))
              forged[at] = (forged[at] as number) ^ (1 << (seed & 7))
              const copy = Buffer.from(forged)
              expect(transform.openRtp(forged, start, headerLength, end + overhead, index)).toBe(false)
              expect(forged.equals(copy)).toBe(true)
            }
            for (const transform of transforms) transform.close()
          },
        ),
        { numRuns: 300 },
      )
    })

    it('does with RTCP of any length, place and index what the portable one does, and each opens what the other sealed', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 1000 }),
          fc.integer({ min: 0, max: 19 }),
          fc.oneof(fc.integer({ min: 8, max: 1500 }), fc.integer({ min: 60_000, max: 65_300 })),
          fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 2 ** 31 - 2, max: 2 ** 31 - 1 })),
          (seed, start, length, index) => {
            const keys = keysOf(profile, seed)
            const transforms = [native(profile, keys), createPortableTransform(profile, keys)]
            const end = start + length
            const overhead = (transforms[0] as { rtcpOverhead: number }).rtcpOverhead
            const before = pattern(end + overhead + 7, seed + 2)
            const sealed = transforms.map((transform) => {
              const buffer = Buffer.from(before)
              expect(transform.sealRtcp(buffer, start, end, index)).toBe(true)
              return buffer
            }) as [Buffer, Buffer]
            expect(sealed[0].equals(sealed[1])).toBe(true)
            for (const transform of transforms) {
              const buffer = Buffer.from(sealed[0])
              expect(transform.openRtcp(buffer, start, end + overhead, 0x8000_0000 + index)).toBe(true)
              expect(buffer.subarray(0, end).equals(before.subarray(0, end))).toBe(true)
              const forged = Buffer.from(sealed[0])
              expect(transform.openRtcp(forged, start, end + overhead, 0x8000_0000 + ((index + 1) % 2 ** 31))).toBe(
                profile === 'AES_CM_128_HMAC_SHA1_80',
              )
            }
            for (const transform of transforms) transform.close()
          },
        ),
        { numRuns: 200 },
      )
    })

    it('takes no offset that is not within the buffer', () => {
      const transform = native(profile, keysOf(profile, 1))
      const buffer = pattern(100, 1)
      const before = Buffer.from(buffer)
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number
      for (const [start, headerLength, end] of [
        [-1, 12, 50],
        [0, 12, 100],
        [0, 12, 95],
        [0, 12, 1e12],
        [0, 12, 2 ** 32 + 50],
        [2 ** 32, 12, 2 ** 32 + 50],
        [0, -1, 50],
        [0, 51, 50],
        [60, 12, 50],
        [0.5, 12, 50],
        [0, 12.5, 50],
        [0, 12, 50.5],
        [nan, 12, 50],
        [0, nan, 50],
        [0, 12, nan],
        [0, 12, infinity],
        [-infinity, 12, 50],
      ] as const) {
        expect(transform.sealRtp(buffer, start, headerLength, end, 1)).toBe(false)
        expect(transform.openRtp(buffer, start, headerLength, end === 95 ? 101 : end, 1)).toBe(false)
        if (headerLength !== 12) continue
        expect(transform.sealRtcp(buffer, start, end, 1)).toBe(false)
        expect(transform.openRtcp(buffer, start, end === 95 ? 101 : end, 0x8000_0001)).toBe(false)
      }
      expect(transform.openRtp(buffer, 0, 12, 20, 1)).toBe(false)
      expect(transform.openRtcp(buffer, 0, 20, 0x8000_0001)).toBe(false)
      expect(buffer.equals(before)).toBe(true)
      transform.close()
    })

    it('does nothing more once it is closed, twice or before it was used', () => {
      const transform = native(profile, keysOf(profile, 1))
      const buffer = pattern(100, 1)
      expect(transform.sealRtp(buffer, 0, 12, 50, 1)).toBe(true)
      const sealed = Buffer.from(buffer)
      transform.close()
      transform.close()
      const unused = native(profile, keysOf(profile, 1))
      unused.close()
      for (const closed of [transform, unused]) {
        expect(closed.openRtp(buffer, 0, 12, 50 + closed.rtpOverhead, 1)).toBe(false)
        expect(buffer.equals(sealed)).toBe(true)
        expect(closed.sealRtp(Buffer.from(buffer), 0, 12, 50, 1)).toBe(false)
        expect(closed.sealRtcp(Buffer.from(buffer), 0, 50, 1)).toBe(false)
        expect(closed.openRtcp(Buffer.from(buffer), 0, 80, 1)).toBe(false)
        expect(closed.openRtcp(Buffer.from(buffer), 0, 80, 0x8000_0001)).toBe(false)
        closed.close()
      }
    })

    it('gives back each of its contexts, once', () => {
      const contexts = new Set<number>()
      const create = openNativeSrtp(watched(loadKoffiLibrary(), contexts)) as CreateTransform
      const before = contexts.size
      const buffer = pattern(200, 1)
      for (let i = 0; i < 100; i++) {
        const transform = create(profile, keysOf(profile, i))
        transform.sealRtp(buffer, 0, 12, 100, 1)
        transform.openRtp(buffer, 0, 12, 100 + transform.rtpOverhead, 1)
        transform.sealRtcp(buffer, 0, 100, 1)
        expect(contexts.size).toBeGreaterThan(before)
        transform.close()
        transform.close()
        expect(contexts.size).toBe(before)
      }
    })
  })

  it('is refused where a function is missing, by its name', () => {
    const library = loadKoffiLibrary()
    const without = (missing: string): NativeLibrary => ({
      ...library,
      bind: (name, result, parameters) => (name === missing ? undefined : library.bind(name, result, parameters)),
    })
    for (const name of ['EVP_CIPHER_CTX_new', 'EVP_DecryptFinal_ex', 'SHA1_Transform']) {
      expect(openNativeSrtp(without(name))).toEqual({ reason: `OpenSSL has no ${name}` })
    }
  })

  it('is refused where OpenSSL fails or gives a wrong answer', () => {
    const library = loadKoffiLibrary()
    const with_ = (changed: string, change: (result: number) => number): NativeLibrary => ({
      ...library,
      bind: (name, result, parameters) => {
        const fn = library.bind(name, result, parameters)
        return fn === undefined || name !== changed ? fn : (...args) => change(fn(...args))
      },
    })
    for (const [name, result] of [
      ['EVP_CIPHER_CTX_new', 0],
      ['EVP_EncryptInit_ex', 0],
      ['EVP_EncryptUpdate', -1],
      ['EVP_EncryptFinal_ex', 0],
      ['EVP_CIPHER_CTX_ctrl', 0],
      ['EVP_DecryptInit_ex', 0],
      ['EVP_DecryptFinal_ex', 1],
      ['SHA1_Update', 0],
      ['SHA1_Final', 0],
    ] as const) {
      expect([name, openNativeSrtp(with_(name, () => result))]).toEqual([
        name,
        { reason: expect.stringMatching(/^OpenSSL gives a wrong answer, A/) },
      ])
    }
  })
})

describe('known answers', () => {
  it('are what the portable transforms give', () => {
    expect(wrongAnswer(createPortableTransform, createPortableTransform)).toBeUndefined()
  })

  it('tell apart what seals wrongly, opens forgeries, and opens nothing', () => {
    const changed =
      (change: object): CreateTransform =>
      (profile, keys) =>
        Object.assign(createPortableTransform(profile, keys), change)
    const wrong = (change: object) => wrongAnswer(changed(change), createPortableTransform)
    expect(wrong({ sealRtp: () => true })).toBe('AEAD_AES_128_GCM: SRTP is sealed wrongly')
    expect(wrong({ sealRtcp: () => false })).toBe('AEAD_AES_128_GCM: SRTCP is sealed wrongly')
    expect(wrong({ openRtp: () => true })).toBe('AEAD_AES_128_GCM: forged SRTP is opened')
    expect(wrong({ openRtcp: () => false })).toBe('AEAD_AES_128_GCM: SRTCP is not opened')
  })
})
