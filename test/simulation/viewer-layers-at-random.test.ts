/** Whatever a viewer wishes and whenever, whatever its network carries and whoever publishes: it can decode what it gets, and misses nothing. */
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { L1T1, L1T3, L2T2, L3T1_KEY, L3T3, L3T3_KEY } from './support/layer-patterns.js'
import { layeredPublisher, layeredSection, layeredVideo } from './support/layered-scene.js'
import type { LayeredVideo } from './support/layered-video.js'
import { faultsOf, receivedFrames } from './support/received-frames.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const withDescriptor = true
const STREAMS: Readonly<Record<string, (tag: number) => LayeredVideo>> = {
  'VP8 L1T3': (tag) => layeredVideo('VP8', L1T3, { tag, withDescriptor: tag % 2 === 0 }),
  'VP8 without layers': (tag) => layeredVideo('VP8', L1T1, { tag, layered: false }),
  'VP9 L3T3': (tag) => layeredVideo('VP9', L3T3, { tag, framePackets: 1 }),
  'VP9 L3T3_KEY': (tag) => layeredVideo('VP9', L3T3_KEY, { tag, withDescriptor, flexible: true }),
  'VP9 L3T1_KEY': (tag) => layeredVideo('VP9', L3T1_KEY, { tag }),
  'AV1 L2T2': (tag) => layeredVideo('AV1', L2T2, { tag, withDescriptor }),
  'AV1 L3T3_KEY': (tag) => layeredVideo('AV1', L3T3_KEY, { tag, withDescriptor, framePackets: 1 }),
  'H264 L1T3': (tag) => layeredVideo('H264', L1T3, { tag, withDescriptor }),
}

const NAMES = Object.keys(STREAMS)

class Scene {
  readonly stage = new Stage()
  readonly videos: LayeredVideo[] = []
  readonly random: SeededRandom
  readonly viewer: SimulatedViewer
  publisher: SimulatedPublisher

  constructor(
    seed: number,
    stream: string,
    readonly jitterMs = 0,
  ) {
    this.random = new SeededRandom(seed)
    this.publisher = this.#publish(stream)
    this.stage.run(this.random.integer(0, 2000))
    const sections = [layeredSection({ rtx: this.random.chance(0.5), descriptor: this.random.chance(0.5) })]
    this.viewer = this.stage.join(this.publisher, { sections, nackRttMs: 30, seed })
  }

  wait(mostMs: number): void {
    this.stage.run(this.random.integer(1, mostMs))
  }

  prefer(): void {
    const { random } = this
    const layer = {
      ...(random.chance(0.7) ? { maxTemporalId: random.integer(0, 2) } : {}),
      ...(random.chance(0.7) ? { maxSpatialId: random.integer(0, 2) } : {}),
    }
    this.viewer.egress.configure({ layer: random.chance(0.2) ? null : layer }, this.stage.nowMs)
  }

  pause(): void {
    this.viewer.egress.configure({ paused: { video: true } }, this.stage.nowMs)
    this.wait(500)
    this.viewer.egress.configure({ paused: { video: false } }, this.stage.nowMs)
  }

  replace(): void {
    this.publisher.stop()
    this.publisher.close()
    this.publisher = this.#publish(NAMES[this.random.integer(0, NAMES.length - 1)] as string)
    this.viewer.egress.setSource('main', this.publisher.ingest, this.stage.nowMs)
  }

  /** Lets everything arrive. */
  end(): void {
    this.publisher.uplink.conditions.lossRate = 0
    this.viewer.downlink.conditions.lossRate = 0
    this.stage.run(500)
    this.publisher.stop()
    this.stage.run(50)
    this.publisher.videoFrame(33)
    this.stage.run(3000)
  }

  #publish(stream: string): SimulatedPublisher {
    const tag = this.videos.length + 1
    const video = (STREAMS[stream] as (tag: number) => LayeredVideo)(tag)
    this.videos.push(video)
    const publisher = layeredPublisher(this.stage, [video], [], { seed: tag, resends: 'same' })
    const frame = video.frame.bind(video)
    video.frame = (durationMs, take) => {
      // Nothing is known of packets that overtake the one that says what the layers are.
      publisher.uplink.conditions.jitterMs = video.keyframeWanted ? 0 : this.jitterMs
      frame(durationMs, take)
    }
    publisher.start()
    return publisher
  }
}

describe.each(NAMES)('%s', (stream) => {
  test.each([1])('wishes and packets out of order, seed %i', (seed) => {
    const scene = new Scene(seed, stream, 10)
    for (let step = 0; step < 30; step++) {
      scene.wait(700)
      if (scene.random.chance(0.1)) scene.viewer.sendPli()
      else scene.prefer()
    }
    scene.end()
    expect(faultsOf(scene.viewer.video, scene.videos)).toEqual([])
  })

  test.each([3])('wishes, pauses and other publishers, with loss on the way out, seed %i', (seed) => {
    const scene = new Scene(seed, stream)
    scene.viewer.downlink.conditions.lossRate = 0.02
    for (let step = 0; step < 30; step++) {
      scene.wait(700)
      const what = scene.random.integer(0, 5)
      if (what === 0) scene.replace()
      else if (what === 1) scene.pause()
      else scene.prefer()
    }
    scene.end()
    expect(faultsOf(scene.viewer.video, scene.videos)).toEqual([])
  })

  test.each([4])('wishes, and a network that carries more or less, seed %i', (seed) => {
    const scene = new Scene(seed, stream)
    for (let step = 0; step < 40; step++) {
      scene.wait(700)
      if (scene.random.chance(0.4)) scene.viewer.sendRemb(scene.random.integer(50_000, 3_000_000))
      else scene.prefer()
    }
    scene.end()
    const { video, egress } = scene.viewer
    expect(video.gaps()).toBe(0)
    // What waits too long is dropped, be it amid a picture.
    const frames = receivedFrames(video, scene.videos)
    expect(frames.filter(({ whole, decodable }) => whole && !decodable)).toEqual([])
    if (egress.stats(scene.stage.nowMs).pacing.drops === 0) expect(faultsOf(video, scene.videos)).toEqual([])
  })
})
