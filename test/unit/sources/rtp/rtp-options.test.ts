import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../../src/errors.js'
import { type RtpSinkOptions, resolveRtpSink } from '../../../../src/sources/rtp/rtp-sink-options.js'
import { type RtpSourceOptions, resolveRtpSource } from '../../../../src/sources/rtp/rtp-source-options.js'

const KEY = Buffer.alloc(30, 1).toString('base64')

/** Which option is at fault. */
function fault(resolve: () => unknown): unknown {
  try {
    resolve()
  } catch (error) {
    if (!(error instanceof BroadcastError) || error.code !== 'option-invalid') throw error
    expect(error.message).not.toContain(KEY)
    return error.details.option
  }
  return undefined
}

describe('a source', () => {
  it('is on loopback, follows the first sender and wants keyframes, unless told otherwise', () => {
    expect(resolveRtpSource({ codec: 'VP8', port: 5004 })).toMatchObject({
      listenIp: '127.0.0.1',
      rtcpMux: false,
      remote: undefined,
      srtp: undefined,
      timeoutMs: 2000,
      keyframesOnDemand: true,
      tracks: [
        {
          port: 5004,
          payloadTypeGiven: false,
          codec: { payloadType: 96, codec: { name: 'VP8' }, feedback: ['nack pli'] },
        },
      ],
    })
  })

  it('on an address that others reach needs a key, or has to be wanted without one', () => {
    const plain = { codec: 'VP8', port: 5004 } as const
    for (const listenIp of ['0.0.0.0', '::', '192.0.2.1']) {
      expect(fault(() => resolveRtpSource({ ...plain, listenIp }))).toBe('listenIp')
      expect(fault(() => resolveRtpSource({ ...plain, listenIp, allowUnauthenticated: true }))).toBeUndefined()
      const srtp = { profile: 'AES_CM_128_HMAC_SHA1_80', key: KEY } as const
      expect(fault(() => resolveRtpSource({ ...plain, listenIp, srtp }))).toBeUndefined()
    }
    // Where a datagram claims to come from proves nothing.
    const remote = { host: '192.0.2.2' }
    expect(fault(() => resolveRtpSource({ ...plain, listenIp: '192.0.2.1', remote }))).toBe('listenIp')
    expect(fault(() => resolveRtpSource({ ...plain, listenIp: '127.0.0.5' }))).toBeUndefined()
    expect(fault(() => resolveRtpSource({ ...plain, listenIp: '::1' }))).toBeUndefined()
  })

  it.each<[string, RtpSourceOptions | undefined]>([
    ['options', undefined],
    ['codec', {}],
    ['codec', { codec: 'AAC' as never }],
    ['codec', { codec: 7 as never }],
    ['codec.parameters', { codec: { name: 'H264', parameters: { a: 'x\r\nm=audio' } } }],
    ['codec.parameters', { codec: { name: 'H264', parameters: { 'a b': '1' } } }],
    ['port', { codec: 'VP8', port: -1 }],
    ['port', { codec: 'VP8', port: 65_535 }],
    ['payloadType', { codec: 'VP8', payloadType: 128 }],
    ['tracks', { codec: 'VP8', tracks: [{ codec: 'opus' }] }],
    ['tracks', { tracks: [] }],
    ['tracks[0]', { tracks: ['VP8' as never] }],
    ['tracks[1].port', { tracks: [{ codec: 'VP8' }, { codec: 'opus', port: 1.5 }] }],
    [
      'tracks',
      {
        tracks: [
          { codec: 'VP8', port: 5004 },
          { codec: 'opus', port: 5005 },
        ],
      },
    ],
    ['listenIp', { codec: 'VP8', listenIp: 'localhost' }],
    ['remote', { codec: 'VP8', remote: 'here' as never }],
    ['remote.host', { codec: 'VP8', remote: { host: 'example.org' } }],
    ['remote.host', { codec: 'VP8', remote: { host: '::1' } }],
    ['remote.port', { codec: 'VP8', remote: { host: '127.0.0.1', port: 0 } }],
    ['timeoutMs', { codec: 'VP8', timeoutMs: 10 }],
    ['rtcpMux', { codec: 'VP8', rtcpMux: 1 as never }],
    ['srtp', { codec: 'VP8', srtp: KEY as never }],
    ['srtp.profile', { codec: 'VP8', srtp: { profile: 'NULL' as never, key: KEY } }],
    ['srtp.key', { codec: 'VP8', srtp: { profile: 'AEAD_AES_128_GCM', key: KEY } }],
    ['srtp.key', { codec: 'VP8', srtp: { profile: 'AES_CM_128_HMAC_SHA1_80', key: `${KEY} ` } }],
  ])('refuses a wrong %s: %j', (option, options) => {
    expect(fault(() => resolveRtpSource(options as RtpSourceOptions))).toBe(option)
  })
})

it('errors do not quote a key, wherever it stands', () => {
  const wrong = [KEY, { profile: KEY, key: KEY }, { profile: 'AEAD_AES_128_GCM', key: KEY }, { key: `${KEY}!` }]
  for (const srtp of wrong) {
    for (const resolve of [resolveRtpSource, resolveRtpSink]) {
      const options = { codec: 'VP8', host: '127.0.0.1', port: 5004, srtp } as never
      expect(fault(() => resolve(options))).toMatch(/^srtp/)
    }
  }
})

describe('a sink', () => {
  it('sends the video to the port, and the audio to the one behind RTCP', () => {
    expect(resolveRtpSink({ host: '::0001', port: 5004, localPort: 6000 })).toMatchObject({
      host: '::1',
      family: 6,
      publisher: 'main',
      targets: [
        { kind: 'video', port: 5004, localPort: 6000 },
        { kind: 'audio', port: 5006, localPort: 6002 },
      ],
    })
    expect(resolveRtpSink({ host: '127.0.0.1', ports: { audio: 9000 } }).targets).toEqual([
      { kind: 'audio', port: 9000, localPort: 0 },
    ])
  })

  it.each<[string, Partial<RtpSinkOptions>]>([
    ['host', { host: 'example.org' }],
    ['port', { port: undefined as never }],
    ['port', { port: 0 }],
    ['port', { port: 65_533 }],
    ['port', { ports: { video: 5000 } }],
    ['ports', { port: undefined as never, ports: {} }],
    ['ports', { port: undefined as never, ports: { video: 5000, audio: 5001 } }],
    ['ports.audio', { port: undefined as never, ports: { audio: 0 } }],
    ['localPort', { localPort: 65_535 }],
    ['publisher', { publisher: '' }],
    ['layer', { layer: 1 as never }],
    ['srtp.key', { srtp: { profile: 'AES_CM_128_HMAC_SHA1_80', key: 'short' } }],
  ])('refuses a wrong %s: %j', (option, options) => {
    expect(fault(() => resolveRtpSink({ host: '127.0.0.1', port: 5004, ...options }))).toBe(option)
  })
})
