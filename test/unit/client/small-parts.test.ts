/** The client's pure functions, and what is hardly more. */
import { describe, expect, it, vi } from 'vitest'
import { backoffMs } from '../../../src/client/backoff.js'
import { ClientError } from '../../../src/client/client-error.js'
import { Emitter } from '../../../src/client/emitter.js'
import { preferCodecs } from '../../../src/client/media-codecs.js'
import { sendEncodings } from '../../../src/client/send-encodings.js'

describe('backoffMs', () => {
  it('doubles up to the greatest wait, half of it by chance', () => {
    const waits = (random: number) => [0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(attempt, {}, random))
    expect(waits(0)).toEqual([125, 250, 500, 1000, 1500, 1500])
    expect(waits(0.5)).toEqual([187.5, 375, 750, 1500, 2250, 2250])
    expect(backoffMs(3, { firstDelayMs: 10, maxDelayMs: 50 }, 0.999_999)).toBeCloseTo(50, 3)
  })
})

describe('preferCodecs', () => {
  const codecs = ['VP8', 'rtx', 'VP9', 'H264', 'H264'].map((name, index) => ({
    mimeType: `video/${name}`,
    clockRate: 90_000,
    sdpFmtpLine: String(index),
  }))
  const order = (...names: string[]) => preferCodecs(codecs, names).map(({ sdpFmtpLine }) => sdpFmtpLine)

  it('puts the named ones first, in that order, and leaves the others as they are', () => {
    expect(order('H264', 'vp9')).toEqual(['3', '4', '2', '0', '1'])
    expect(order('video/VP9')).toEqual(['2', '0', '1', '3', '4'])
  })

  it('passes over names that nobody has', () => {
    expect(order('P9', 'audio/VP9', '')).toEqual(['0', '1', '2', '3', '4'])
  })
})

describe('sendEncodings', () => {
  it('is one encoding without a rid', () => {
    expect(sendEncodings({})).toEqual([{ scaleResolutionDownBy: 1 }])
    expect(sendEncodings({ maxBitrateBps: 1e6 })).toEqual([{ scaleResolutionDownBy: 1, maxBitrate: 1e6 }])
  })

  it('is the best layers of simulcast, each with half the size and a quarter of the bitrate of the next', () => {
    expect(sendEncodings({ simulcast: 3, maxBitrateBps: 1_600_000 })).toEqual([
      { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 100_000 },
      { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
      { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_600_000 },
    ])
    expect(sendEncodings({ simulcast: 2 }).map(({ rid }) => rid)).toEqual(['h', 'f'])
  })

  it('is what the page asks for, each time a copy', () => {
    const own = [{ rid: 'a', active: false }, { rid: 'b' }]
    const encodings = sendEncodings({ simulcast: own })
    expect(encodings).toEqual(own)
    expect(encodings[0]).not.toBe(own[0])
  })
})

describe('Emitter', () => {
  it('calls listeners with all arguments until they stop', () => {
    const emitter = new Emitter<{ sum: [a: number, b: number] }>()
    const [first, second] = [vi.fn(), vi.fn()]
    const stop = emitter.on('sum', first)
    emitter.on('sum', second)
    emitter.emit('sum', 1, 2)
    stop()
    emitter.emit('sum', 3, 4)
    expect(first.mock.calls).toEqual([[1, 2]])
    expect(second.mock.calls).toEqual([
      [1, 2],
      [3, 4],
    ])
  })
})

describe('ClientError', () => {
  it('carries its facts, and wraps what is none', () => {
    const cause = new TypeError('odd')
    const error = new ClientError('refused', 'no', { status: 403, details: { limit: 'x' }, retryAfterMs: 5, cause })
    expect(error).toMatchObject({ name: 'ClientError', code: 'refused', message: 'no', status: 403, retryAfterMs: 5 })
    expect(error.details).toEqual({ limit: 'x' })
    expect(error.cause).toBe(cause)
    expect(ClientError.from(error)).toBe(error)
    expect(ClientError.from(cause)).toMatchObject({
      code: 'failed',
      message: 'TypeError: odd',
      cause,
    })
  })
})
