/** What goes into which file. */
import { expect, it } from 'vitest'
import type { WriteOp } from '../../../src/recording/segment-plan.js'
import { Segmenter, type SegmenterConfig } from '../../../src/recording/segmenter.js'
import type { MediaKind } from '../../../src/rtp/types.js'
import { audioFrame, type FrameFacts, videoFrame } from '../../support/encoded-frames.js'

class Scene {
  readonly ops: WriteOp[] = []
  readonly gaps: string[] = []
  readonly leftOut: string[] = []
  keyframeRequests = 0
  room = true
  silent: MediaKind | undefined
  readonly segmenter: Segmenter

  constructor(config: Partial<SegmenterConfig> = {}, kinds: readonly MediaKind[] = ['video', 'audio']) {
    this.segmenter = new Segmenter(
      { container: 'webm', segmentMs: Number.POSITIVE_INFINITY, ...config },
      {
        write: (op) => this.ops.push(op),
        hasRoom: () => this.room,
        requestKeyframe: () => this.keyframeRequests++,
        onGap: (kind, reason, fromMs, toMs) =>
          this.gaps.push(`${kind} ${reason} ${Math.round(fromMs)}-${Math.round(toMs)}`),
        onLeftOut: (kind, codec) => this.leftOut.push(`${kind} ${codec}`),
      },
    )
    this.segmenter.setTracks(kinds)
  }

  video(ms: number, facts: Partial<FrameFacts> = {}): void {
    this.segmenter.add({ frame: videoFrame({ mediaMs: ms, ...facts }), timeMs: ms, orderMs: ms }, this.silent)
  }

  audio(ms: number, facts: Partial<FrameFacts> = {}): void {
    this.segmenter.add({ frame: audioFrame({ mediaMs: ms, ...facts }), timeMs: ms, orderMs: ms }, this.silent)
  }

  /** Both, from one time to another; the pictures every 40 ms, a keyframe where `keyframeMs` says. */
  play(fromMs: number, toMs: number, keyframeMs = fromMs): void {
    for (let ms = fromMs; ms < toMs; ms += 20) {
      if ((ms - fromMs) % 40 === 0) this.video(ms, { keyframe: ms === keyframeMs })
      this.audio(ms)
    }
  }

  /** In short: `begin webm VP8+opus`, `video 0 key`, `audio 20`. */
  get written(): string[] {
    return this.ops.map((op) => {
      if (op.op === 'begin') {
        const tracks = [op.plan.video?.codec, op.plan.audio ? 'opus' : undefined].filter((track) => track !== undefined)
        return `begin ${op.plan.container} ${tracks.join('+')} at ${op.plan.startMs}`
      }
      if (op.op === 'frame') return `${op.kind} ${op.timeMs}${op.kind === 'video' && op.keyframe ? ' key' : ''}`
      return op.op === 'end' ? 'end' : `close ${op.kind}`
    })
  }

  get files(): string[] {
    return this.written.filter((line) => /^(?:begin|end|close)/.test(line))
  }
}

it('begins with the first keyframe, and with the sound from there on', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.video(10)
  expect(scene.keyframeRequests).toBe(1)
  scene.audio(20)
  scene.video(30, { keyframe: true })
  scene.audio(40)
  scene.video(63)
  expect(scene.written).toEqual(['begin webm VP8+opus at 30', 'video 0 key', 'audio 10', 'video 33'])
  expect(scene.segmenter.dropped).toEqual({ video: 1, audio: 2 })
  expect(scene.gaps).toEqual([])
})

it('begins another file at the keyframe behind the time for it, which it asks for', () => {
  const scene = new Scene({ segmentMs: 1000 })
  scene.audio(0)
  scene.play(0, 1000)
  expect(scene.keyframeRequests).toBe(0)
  scene.video(1000)
  expect(scene.keyframeRequests).toBe(1)
  scene.audio(1000)
  scene.video(1040, { keyframe: true })
  scene.audio(1040)
  scene.segmenter.end()
  expect(scene.files).toEqual(['begin webm VP8+opus at 0', 'end', 'begin webm VP8+opus at 1040', 'end'])
  expect(scene.written.slice(-3)).toEqual(['video 0 key', 'audio 0', 'end'])
  expect(scene.gaps).toEqual([])
})

it('leaves out pictures behind a loss up to a keyframe, and says so', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 100)
  scene.video(200, { gapBefore: true })
  expect(scene.keyframeRequests).toBe(1)
  scene.video(240)
  scene.video(280, { keyframe: true })
  expect(scene.gaps).toEqual(['video loss 120-280'])
  expect(scene.segmenter.dropped.video).toBe(2)
  expect(scene.files).toEqual(['begin webm VP8+opus at 0'])
})

it('goes on in the same file where the size changes', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 100)
  scene.video(100, { keyframe: true, width: 1280, height: 720 })
  expect(scene.files).toHaveLength(1)
})

it('says where pictures cannot be recorded, as their keyframe does not say what they are', () => {
  const scene = new Scene()
  scene.video(0, { keyframe: true, codec: 'VP9' })
  scene.video(40, { codec: 'VP9' })
  expect(scene.leftOut).toEqual(['video VP9'])
  expect(scene.files).toEqual([])
  expect(scene.keyframeRequests).toBe(0)
})

it('goes on in the same file with another publisher of the same kind', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 100)
  scene.segmenter.setTracks([])
  scene.segmenter.setTracks(['video', 'audio'])
  scene.play(1000, 1100)
  expect(scene.files).toEqual(['begin webm VP8+opus at 0'])
  expect(scene.gaps).toEqual(['video publisher-gone 120-1000', 'audio publisher-gone 100-1000'])
  expect(scene.written).toContain('video 1000 key')
})

it('never goes back in time, whatever clock the next publisher has', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 2000)
  scene.segmenter.setTracks(['video', 'audio'])
  scene.play(1900, 2100)
  const times = (kind: string) => scene.ops.flatMap((op) => (op.op === 'frame' && op.kind === kind ? [op.timeMs] : []))
  for (const kind of ['video', 'audio']) {
    expect(times(kind)).toEqual([...new Set(times(kind))].sort((a, b) => a - b))
  }
})

it('never goes back in time when a clock is put right, but where pictures are shown in another order', () => {
  const scene = new Scene({}, ['video'])
  const at = (mediaMs: number, timeMs: number, keyframe = false) =>
    scene.segmenter.add({ frame: videoFrame({ mediaMs, keyframe }), timeMs, orderMs: timeMs }, undefined)
  at(0, 0, true)
  at(33, 33)
  at(66, 6)
  at(99, 39)
  at(198, 138)
  at(132, 72)
  at(165, 105)
  at(231, 171, true)
  const times = scene.ops.flatMap((op) => (op.op === 'frame' ? [op.timeMs] : []))
  expect(times).toEqual([0, 33, 34, 39, 138, 72, 105, 171])
})

it('fills in silence while pictures come and no sound does', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 100)
  scene.silent = 'audio'
  scene.video(200)
  expect(scene.written.slice(-6)).toEqual([
    'video 200',
    'audio 100',
    'audio 120',
    'audio 140',
    'audio 160',
    'audio 180',
  ])
  scene.silent = undefined
  scene.audio(220)
  expect(scene.gaps).toEqual(['audio paused 100-220'])
  expect(scene.segmenter.written).toEqual({ video: 4, audio: 6 })
})

it('closes the video of a file while sound comes and no pictures do; they come back in another one', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 100)
  scene.silent = 'video'
  scene.audio(2000)
  expect(scene.written.slice(-2)).toEqual(['close video', 'audio 2000'])
  scene.silent = undefined
  scene.video(3000)
  expect(scene.keyframeRequests).toBe(1)
  scene.video(3040, { keyframe: true })
  expect(scene.files.slice(1)).toEqual(['close video', 'end', 'begin webm VP8+opus at 3040'])
  expect(scene.gaps).toEqual(['video paused 120-3040'])
})

it('records sound alone where no pictures come, and begins another file with the first of them', () => {
  const scene = new Scene()
  scene.silent = 'video'
  scene.audio(0)
  scene.audio(20)
  scene.silent = undefined
  scene.video(40, { keyframe: true })
  expect(scene.files).toEqual(['begin webm opus at 0', 'end', 'begin webm VP8+opus at 40'])
})

it('begins another file for sound that comes later', () => {
  const scene = new Scene()
  scene.video(0, { keyframe: true })
  scene.video(40)
  scene.audio(50)
  expect(scene.keyframeRequests).toBe(1)
  scene.video(80, { keyframe: true })
  scene.audio(90)
  expect(scene.files).toEqual(['begin webm VP8 at 0', 'end', 'begin webm VP8+opus at 80'])
  expect(scene.written.at(-1)).toBe('audio 10')
})

it('leaves out sound that cannot be recorded, by name, and once', () => {
  const scene = new Scene()
  scene.audio(0, { codec: 'PCMU' })
  scene.video(0, { keyframe: true })
  scene.audio(20, { codec: 'PCMU' })
  expect(scene.files).toEqual(['begin webm VP8 at 0'])
  expect(scene.leftOut).toEqual(['audio PCMU'])
})

it('takes nothing while there is no room, and goes on with a keyframe', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 100)
  scene.room = false
  scene.play(100, 200, -1)
  scene.room = true
  scene.video(200)
  expect(scene.keyframeRequests).toBe(1)
  scene.audio(200)
  scene.video(240, { keyframe: true })
  expect(scene.gaps).toEqual(['audio queue-full 100-200', 'video queue-full 120-240'])
  expect(scene.files).toHaveLength(1)
})

it('begins another file where the parameter sets of H264 change, and only there', () => {
  const scene = new Scene()
  const keyframe = (pps: string) =>
    Buffer.from(`000000016742c014da0507ec0440000003004000000f03c50aa800000001${pps}000000016588`, 'hex')
  const add = (ms: number, pps: string): void => {
    const frame = { ...videoFrame({ mediaMs: ms, keyframe: true, codec: 'H264' }), data: keyframe(pps) }
    scene.segmenter.add({ frame, timeMs: ms, orderMs: ms }, undefined)
  }
  add(0, '68ce3c80')
  add(1000, '68ce3c80')
  add(2000, '68ce3c81')
  expect(scene.files).toEqual(['begin mp4 H264 at 0', 'end', 'begin mp4 H264 at 2000'])
})

it('writes what MP4 cannot hold into WebM', () => {
  const scene = new Scene({ container: 'mp4' })
  scene.audio(0)
  scene.video(0, { keyframe: true })
  expect(scene.files).toEqual(['begin webm VP8+opus at 0'])
  const sound = new Scene({ container: 'mp4' }, ['audio'])
  sound.audio(0)
  expect(sound.files).toEqual(['begin mp4 opus at 0'])
})

it('begins another file behind one that was ended, and remembers what was missing', () => {
  const scene = new Scene()
  scene.audio(0)
  scene.play(0, 100)
  scene.segmenter.end()
  scene.play(20_000, 20_040)
  expect(scene.files).toEqual(['begin webm VP8+opus at 0', 'end', 'begin webm VP8+opus at 20000'])
  expect(scene.gaps).toEqual(['video paused 120-20000', 'audio paused 100-20000'])
})
