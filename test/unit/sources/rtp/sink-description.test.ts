import { describe, expect, it } from 'vitest'
import type { MediaKind, PayloadCodec } from '../../../../src/rtp/types.js'
import { codecOption } from '../../../../src/sources/rtp/rtp-codec.js'
import { resolveRtpSink } from '../../../../src/sources/rtp/rtp-sink-options.js'
import { SinkDescription } from '../../../../src/sources/rtp/sink-description.js'
import { SinkRoutes } from '../../../../src/sources/rtp/sink-sockets.js'

const CONFIG = resolveRtpSink({ host: '127.0.0.1', port: 5004 })
const VP8 = codecOption('codec', 'VP8')
const OPUS = codecOption('codec', 'opus')
const BOTH = new Set<MediaKind>(['audio', 'video'])

/** The m-lines after each update, or nothing where it was no change. */
function bench() {
  const description = new SinkDescription(CONFIG)
  let nowMs = 0
  return {
    description,
    update(carried: readonly (PayloadCodec | undefined)[], published: ReadonlySet<MediaKind> = BOTH, afterMs = 10) {
      nowMs += afterMs
      if (!description.update(carried, published, nowMs)) return undefined
      return [...(description.text ?? '').matchAll(/^m=(\w+) (\d+) \S+ (\d+)/gm)].map(([, ...parts]) => parts.join(' '))
    },
  }
}

describe('the description of a sink', () => {
  it('waits until all that is published has begun, and does not change with what pauses', () => {
    const { description, update } = bench()
    expect([update([undefined, undefined]), description.text]).toEqual([undefined, undefined])
    expect(update([undefined, OPUS])).toBeUndefined()
    expect(update([VP8, OPUS])).toEqual(['video 5004 96', 'audio 5006 111'])
    expect(update([undefined, OPUS])).toBeUndefined()
    expect(update([undefined, undefined], new Set())).toBeUndefined()
    expect(update([{ ...VP8 }, { ...OPUS }])).toBeUndefined()
  })

  it('does not wait for ever for what does not begin', () => {
    const { description, update } = bench()
    expect(update([undefined, OPUS])).toBeUndefined()
    expect(description.dueMs).toBe(2010)
    expect(update([undefined, OPUS], BOTH, 2000)).toEqual(['audio 5006 111'])
    expect(description.dueMs).toBe(Number.POSITIVE_INFINITY)
    expect(update([VP8, OPUS])).toEqual(['video 5004 96', 'audio 5006 111'])
  })

  it('changes with the codec, and with what is published', () => {
    const { update } = bench()
    expect(update([VP8, OPUS])).toHaveLength(2)
    expect(update([codecOption('codec', 'H264'), OPUS])).toEqual(['video 5004 102', 'audio 5006 111'])
    expect(update([undefined, OPUS], new Set(['audio']))).toEqual(['audio 5006 111'])
  })
})

it('packets go to where their stream belongs, and a goodbye to all', () => {
  const routes = new SinkRoutes(CONFIG, [11, 22])
  expect([11, 22, 33].map((ssrc) => routes.rtp(ssrc)?.port)).toEqual([5004, 5006, undefined])
  expect([11, 22, 33].map((ssrc) => routes.rtcp(ssrc).map(({ port, socket }) => [port, socket]))).toEqual([
    [[5005, 1]],
    [[5007, 3]],
    [],
  ])
  routes.leaving = true
  expect(routes.rtcp(11).map(({ port }) => port)).toEqual([5005, 5007])
  const shared = new SinkRoutes(resolveRtpSink({ host: '127.0.0.1', port: 5004, rtcpMux: true }), [11, 22])
  expect(shared.rtcp(22)).toEqual([{ ip: '127.0.0.1', family: 4, port: 5006, socket: 1 }])
})
