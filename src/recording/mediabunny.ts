/**
 * The one place of this room that knows the package `mediabunny`, an optional peer dependency: it writes WebM and fragmented MP4.
 */
import { BroadcastError } from '../errors.js'
import type { MediaKind } from '../rtp/types.js'
import type { ByteTarget } from './byte-target.js'
import { OpenSizes } from './open-sizes.js'
import { opusHead } from './opus-frame.js'
import type { SegmentPlan } from './segment-plan.js'
import type { VideoCodecName, VideoFormat } from './video-format.js'

type Mediabunny = typeof import('mediabunny')

/** Clusters and fragments are at least this long, so that a file that is never finished lacks little more. */
const FRAGMENT_S = 1

/** How many bytes the sizes of WebM's elements take. */
const SEGMENT_SIZE_BYTES = 6
const CLUSTER_SIZE_BYTES = 5

const CODECS = { VP8: 'vp8', VP9: 'vp9', AV1: 'av1', H264: 'avc', H265: 'hevc' } as const satisfies Record<
  VideoCodecName,
  string
>

/** A file that is being written. Times are milliseconds from its beginning. */
export interface Container {
  /** Frames of each kind come in the order in which they are decoded. Waits while the target does. */
  add(kind: MediaKind, data: Uint8Array, keyframe: boolean, timeMs: number, durationMs: number): Promise<void>
  /** Nothing of that kind follows. */
  closeTrack(kind: MediaKind): void
  /** Completes the file; the target is not closed. */
  finish(): Promise<void>
}

/** Begins a file for `plan` in `target`. */
export type ContainerFactory = (plan: SegmentPlan, target: ByteTarget) => Promise<Container>

/** Loads the package. Rejects with `package-missing`. */
export async function loadMediabunny(
  load: () => Promise<unknown> = () => import('mediabunny'),
): Promise<ContainerFactory> {
  let bunny: Mediabunny
  try {
    bunny = (await load()) as Mediabunny
  } catch (cause) {
    throw new BroadcastError('package-missing', 'recording needs the package "mediabunny": npm install mediabunny', {
      details: { package: 'mediabunny' },
      cause,
    })
  }
  return async (plan, target) => {
    const container = new MuxedFile(bunny, plan, target)
    await container.start()
    return container
  }
}

class MuxedFile implements Container {
  readonly #bunny: Mediabunny
  readonly #output: InstanceType<Mediabunny['Output']>
  readonly #video: InstanceType<Mediabunny['EncodedVideoPacketSource']> | undefined
  readonly #audio: InstanceType<Mediabunny['EncodedAudioPacketSource']> | undefined
  readonly #format: VideoFormat | undefined
  readonly #sizes = new OpenSizes()
  readonly #fragments: Fragments | undefined

  constructor(bunny: Mediabunny, plan: SegmentPlan, target: ByteTarget) {
    this.#bunny = bunny
    this.#format = plan.video
    const bytes = new WritableStream<{ data: Uint8Array; position: number }>({
      write: ({ data, position }) => {
        this.#sizes.patch(data, position)
        return target.write(data, position)
      },
    })
    const format = plan.container === 'webm' ? this.#webm(target.appendsOnly) : this.#mp4()
    this.#output = new bunny.Output({ format, target: new bunny.StreamTarget(bytes as never) })
    if (plan.container === 'mp4') this.#fragments = new Fragments(this.#output)
    if (plan.video !== undefined) {
      this.#video = new bunny.EncodedVideoPacketSource(CODECS[plan.video.codec])
      this.#output.addVideoTrack(this.#video)
    }
    if (plan.audio) {
      this.#audio = new bunny.EncodedAudioPacketSource('opus')
      this.#output.addAudioTrack(this.#audio)
    }
  }

  start(): Promise<void> {
    return this.#output.start()
  }

  async add(kind: MediaKind, data: Uint8Array, keyframe: boolean, timeMs: number, durationMs: number): Promise<void> {
    const packet = new this.#bunny.EncodedPacket(data, keyframe ? 'key' : 'delta', timeMs / 1000, durationMs / 1000)
    if (kind === 'video') await this.#video?.add(packet, { decoderConfig: videoConfig(this.#format as VideoFormat) })
    else await this.#audio?.add(packet, { decoderConfig: AUDIO_CONFIG })
    await this.#fragments?.added(kind, keyframe, timeMs)
  }

  closeTrack(kind: MediaKind): void {
    if (kind === 'video') this.#video?.close()
    else this.#audio?.close()
  }

  async finish(): Promise<void> {
    this.#sizes.close()
    await this.#output.finalize()
  }

  #webm(appendOnly: boolean) {
    const sizes = this.#sizes
    if (appendOnly) return new this.#bunny.WebMOutputFormat({ appendOnly, minimumClusterDuration: FRAGMENT_S })
    return new this.#bunny.WebMOutputFormat({
      minimumClusterDuration: FRAGMENT_S,
      onSegmentHeader: (header, position) => {
        sizes.begin(position, SEGMENT_SIZE_BYTES)
        sizes.begin(position + header.length, CLUSTER_SIZE_BYTES)
      },
      onCluster: (cluster, position) => {
        sizes.finish(position)
        sizes.begin(position + cluster.length, CLUSTER_SIZE_BYTES)
      },
    })
  }

  #mp4() {
    return new this.#bunny.Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: FRAGMENT_S })
  }
}

/**
 * Ends MP4 fragments between keyframes. By itself the muxer waits for a keyframe, and in a live stream the next one may be minutes away. It has
 * a method for it that is not among its documented ones; a version without it ends fragments at keyframes.
 */
class Fragments {
  readonly #muxer: { forceFragmentFinalization?(): Promise<void> } | undefined
  #startMs = 0
  #latestMs = Number.NEGATIVE_INFINITY
  #reorders = false

  constructor(output: unknown) {
    this.#muxer = (output as { _muxer?: { forceFragmentFinalization?(): Promise<void> } })._muxer
  }

  async added(kind: MediaKind, keyframe: boolean, timeMs: number): Promise<void> {
    // Pictures that are shown in another order than they come in cannot be parted before the next keyframe.
    if (kind === 'video') {
      this.#reorders = keyframe ? false : this.#reorders || timeMs < this.#latestMs
      this.#latestMs = Math.max(this.#latestMs, timeMs)
    }
    if (timeMs - this.#startMs < FRAGMENT_S * 1000 || this.#reorders) return
    this.#startMs = timeMs
    await this.#muxer?.forceFragmentFinalization?.()
  }
}

const AUDIO_CONFIG = { codec: 'opus', numberOfChannels: 2, sampleRate: 48_000, description: opusHead() }

function videoConfig({ codecString, width, height }: VideoFormat) {
  return { codec: codecString, codedWidth: width, codedHeight: height }
}
