import { describe, expect, it } from 'vitest'
import { LayerPause } from '../../../../src/media/ingest/layer-pause.js'
import type { LayerInfo } from '../../../../src/media/types.js'
import { PAUSE_TYPE } from '../../../../src/rtp/rtcp/pause.js'

const AFTER_MS = 2000
const INFO: LayerInfo = { alive: true, bitrateBps: 500_000, fps: 30, width: 640, height: 360, sublayers: [] }

/** A layer whose packets come every 10 ms as long as its sender sends, which hears a request at once. */
function scene(hears = true) {
  const stream = { ssrc: 7, lastPacketMs: 0 }
  const layer = {
    sinkCount: 0,
    held: undefined as LayerInfo | undefined,
    measured: INFO,
    info: () => layer.held ?? layer.measured,
    holdInfo: (info: LayerInfo | undefined) => {
      layer.held = info
    },
  }
  const sender = { sends: true, hears }
  const requests: string[] = []
  const pause = new LayerPause({ layer, stream }, AFTER_MS, (type, ssrc, pauseId) => {
    requests.push(`${type === PAUSE_TYPE.pause ? 'PAUSE' : 'RESUME'} ${ssrc} ${pauseId}`)
    if (sender.hears) sender.sends = type === PAUSE_TYPE.resume
  })
  let nowMs = 0
  let dueMs = 0
  /** Time goes by; whoever takes the layer or leaves it makes something due. */
  const run = (durationMs: number, sinks = layer.sinkCount): string[] => {
    if (sinks !== layer.sinkCount) dueMs = nowMs
    layer.sinkCount = sinks
    for (const endMs = nowMs + durationMs; nowMs < endMs; nowMs += 10) {
      if (sender.sends) stream.lastPacketMs = nowMs
      if (nowMs >= dueMs) dueMs = pause.tick(nowMs)
      if (dueMs === Number.POSITIVE_INFINITY && layer.sinkCount === 0) throw new Error('it sleeps over an unused layer')
    }
    return requests.splice(0)
  }
  return { run, pause, layer, stream, sender, now: () => nowMs }
}

describe('an unused layer', () => {
  it('is paused once, after that time, with the facts that it had', () => {
    const { run, layer, pause } = scene()
    expect(run(1900)).toEqual([])
    expect(run(700)).toEqual(['PAUSE 7 0'])
    layer.measured = { ...INFO, alive: false, bitrateBps: Number.NaN }
    expect(layer.info()).toEqual({ ...INFO, paused: true })
    expect(run(60_000)).toEqual([])
    expect(pause.paused).toBe(true)
  })

  it('is not paused before its facts are known, nor while nothing comes', () => {
    const { run, layer } = scene()
    layer.measured = { ...INFO, bitrateBps: Number.NaN }
    expect(run(10_000)).toEqual([])
    layer.measured = INFO
    expect(run(1500)).toEqual([])
    expect(run(1500)).toEqual(['PAUSE 7 0'])
  })

  it('is asked about again while packets come all the same', () => {
    const { run, sender } = scene(false)
    expect(run(6000).length).toBeGreaterThan(2)
    sender.hears = true
    expect(run(2000)).toEqual(['PAUSE 7 0'])
    expect(run(10_000)).toEqual([])
  })

  it('goes on at once when it is taken, and its next pause has the next number', () => {
    const { run, layer, pause } = scene()
    run(3000)
    expect(run(2000, 1)).toEqual(['RESUME 7 0'])
    expect([pause.paused, layer.held]).toEqual([false, undefined])
    expect(run(1500, 0)).toEqual([])
    expect(run(1500)).toEqual(['PAUSE 7 1'])
    expect(run(2000, 1)).toEqual(['RESUME 7 1'])
  })

  it('that is taken again while its pause is on its way is resumed until packets show that it goes on', () => {
    const { run, sender, pause } = scene()
    run(3000)
    sender.hears = false
    const requests = run(3000, 1)
    expect(requests.length).toBeGreaterThan(3)
    expect(new Set(requests)).toEqual(new Set(['RESUME 7 0']))
    expect(pause.paused).toBe(true)
    sender.hears = true
    expect(run(4000)).toEqual(['RESUME 7 0'])
    expect(pause.paused).toBe(false)
  })

  it('that does not come is given up after five seconds, asked for seldom, and at once by the next who wants it', () => {
    const { run, sender, layer } = scene()
    run(3000)
    sender.hears = false
    run(5100, 1)
    expect(layer.held).toBeUndefined()
    expect(run(10_000).length).toBeLessThanOrEqual(3)
    run(1000, 0)
    sender.hears = true
    expect(run(100, 1)).toEqual(['RESUME 7 0'])
  })
})

describe('a sender that refuses', () => {
  it('because it is ahead in counting is asked with its number', () => {
    const { run, pause, sender, now } = scene(false)
    expect(run(2600)).toEqual(['PAUSE 7 0'])
    pause.refused(7, 5, now())
    sender.hears = true
    expect(run(1500)).toEqual(['PAUSE 7 5'])
    expect(run(5000)).toEqual([])
  })

  it('altogether is left alone for a minute, and its layer is what it is', () => {
    const { run, pause, layer, now } = scene(false)
    run(2600)
    pause.refused(7, 0, now())
    expect([pause.paused, layer.held]).toEqual([false, undefined])
    expect(run(57_000)).toEqual([])
    expect(run(6000)).toContain('PAUSE 7 0')
  })

  it('of another stream changes nothing', () => {
    const { run, pause, now } = scene()
    run(3000)
    pause.refused(8, 0, now())
    expect(pause.paused).toBe(true)
  })
})

it('another stream of the layer has numbers of its own', () => {
  const { run, stream, sender } = scene()
  run(3000)
  run(3000, 1)
  stream.ssrc = 9
  sender.sends = true
  expect(run(3000, 0)).toEqual(['PAUSE 9 0'])
})
