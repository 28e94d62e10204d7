/** What a viewer can make of the packets that it got: which frames are whole and can be decoded, and whether the numbers are those of one stream. */
import { DependencyDescriptor } from '../../../src/media/codecs/dependency-descriptor.js'
import { Vp8Descriptor } from '../../../src/media/codecs/vp8.js'
import { Vp9Descriptor } from '../../../src/media/codecs/vp9.js'
import { VIEWER_DESCRIPTOR_ID } from './layered-scene.js'
import { type LayeredVideo, originOf, type SentFrame } from './layered-video.js'
import type { ReceivedPacket, ReceivedStream } from './simulated-viewer.js'

/** A frame with what came of it, in order. */
export interface ReceivedFrame {
  readonly sent: SentFrame
  readonly packets: readonly ReceivedPacket[]
  readonly whole: boolean
  /** It and all that it needs has come whole, back to a keyframe. */
  readonly decodable: boolean
}

/** A padding packet: no payload but its own length (RFC 3550, section 5.1). */
export function isPadding(packet: ReceivedPacket): boolean {
  return packet.payload.length === 1 && packet.payload[0] === 1
}

/** The stream's packets in the order of their numbers, each once. */
export function orderedPackets(stream: ReceivedStream): ReceivedPacket[] {
  const byNumber = new Map(stream.packets.map((packet) => [packet.extSeq, packet]))
  return [...byNumber.values()].sort((a, b) => a.extSeq - b.extSeq)
}

/** The frames that came of what `videos` have sent, in order; one that was sent in two stretches of the stream comes twice. */
export function receivedFrames(stream: ReceivedStream, videos: readonly LayeredVideo[]): ReceivedFrame[] {
  const frames = new Map<string, { sent: SentFrame; parts: Map<number, ReceivedPacket> }>()
  for (const packet of orderedPackets(stream)) {
    if (isPadding(packet)) continue
    const { tag, index, part } = originOf(packet.payload)
    const key = `${tag} ${index} ${packet.timestamp}`
    const sent = videos.find((video) => video.tag === tag)?.sent[index] as SentFrame
    const frame = frames.get(key) ?? { sent, parts: new Map<number, ReceivedPacket>() }
    frame.parts.set(part, packet)
    frames.set(key, frame)
  }
  let decodable = new Set<number>()
  return [...frames.values()].map(({ sent, parts }) => {
    // Nothing from before a keyframe is of use behind it.
    if (beginsSequence(sent)) decodable = new Set()
    const whole = parts.size === sent.parts
    const canDecode = whole && sent.needs.every((need) => decodable.has(need))
    if (canDecode) decodable.add(sent.index)
    return { sent, packets: [...parts.values()], whole, decodable: canDecode }
  })
}

function beginsSequence({ key, spatialId }: SentFrame): boolean {
  return key && spatialId === 0
}

/** Frames a second of one spatial layer, of what arrived in the time. */
export function frameRate(
  frames: readonly ReceivedFrame[],
  spatialId: number,
  fromMs: number,
  untilMs: number,
): number {
  const inTime = frames.filter(({ sent, packets }) => {
    const atMs = packets.at(-1)?.atMs ?? 0
    return sent.spatialId === spatialId && atMs >= fromMs && atMs < untilMs
  })
  return (inTime.length * 1000) / (untilMs - fromMs)
}

/**
 * What a receiver would stumble over, in words; empty for a stream that is as good as if nothing had been left out. For a way without loss.
 */
export function faultsOf(stream: ReceivedStream, videos: readonly LayeredVideo[]): string[] {
  const packets = orderedPackets(stream)
  const frames = receivedFrames(stream, videos)
  const faults: string[] = []
  const gaps = stream.gaps()
  if (gaps > 0) faults.push(`${gaps} numbers are missing`)
  for (const { sent, whole, decodable } of frames) {
    const name = `frame ${sent.index} of ${sent.tag} (S${sent.spatialId} T${sent.temporalId})`
    if (!whole) faults.push(`${name} is not whole`)
    else if (!decodable) faults.push(`${name} cannot be decoded`)
  }
  faults.push(...markerFaults(packets.filter((packet) => !isPadding(packet))))
  faults.push(...pictureIdFaults(frames, videos))
  faults.push(...descriptorFaults(frames))
  return faults
}

/** The last packet of each picture has the marker, and no other. */
export function markerFaults(packets: readonly ReceivedPacket[]): string[] {
  return packets.flatMap((packet, i) => {
    const next = packets[i + 1]
    // The end of the recording may be amid a picture.
    if (next === undefined) return []
    const isLast = next.timestamp !== packet.timestamp
    if (packet.marker === isLast) return []
    return [`packet ${packet.extSeq} ${isLast ? 'lacks the marker' : 'has a marker amid its picture'}`]
  })
}

/** VP8's ids grow by one, VP9's by as much as the source's; where another stretch may begin, by one in any case. */
function pictureIdFaults(frames: readonly ReceivedFrame[], videos: readonly LayeredVideo[]): string[] {
  return frames.flatMap(({ sent, packets }, i) => {
    const before = frames[i - 1]
    const video = videos.find(({ tag }) => tag === sent.tag)
    if (before === undefined || video === undefined || before.sent.tag !== sent.tag) return []
    const { codec } = video
    const isSame = before.packets[0]?.timestamp === packets[0]?.timestamp
    if (isSame || (codec !== 'VP8' && codec !== 'VP9')) return []
    const modulus = video.pictureIdBits === 7 ? 0x80 : 0x8000
    const [from, to] = [before.packets[0], packets[0]].map((packet) => pictureIdOf(codec, packet as ReceivedPacket))
    if (from === undefined || to === undefined) return []
    const step = (to - from + modulus) % modulus
    const expected = codec === 'VP8' ? 1 : (sent.pictureId - before.sent.pictureId + modulus) % modulus
    if (step === expected || (step === 1 && beginsSequence(sent))) return []
    return [`picture id of frame ${sent.index} of ${sent.tag} is ${step} further, not ${expected}`]
  })
}

/** Frame numbers are the source's but for a constant; where another stretch may begin, they may go on by one instead. */
function descriptorFaults(frames: readonly ReceivedFrame[]): string[] {
  let shift = 0
  let newest = -1
  return frames.flatMap(({ sent, packets }) => {
    const descriptor = new DependencyDescriptor()
    const element = (packets[0] as ReceivedPacket).elements.find(({ id }) => id === VIEWER_DESCRIPTOR_ID)
    if (element === undefined) return []
    descriptor.parse(element.data, 0, element.data.length, undefined)
    const { frameNumber } = descriptor
    const goesOn = newest >= 0 && frameNumber === ((sent.frameNumber + shift) & 0xffff)
    const begins = beginsSequence(sent) && (newest < 0 || frameNumber === ((newest + 1) & 0xffff))
    shift = frameNumber - sent.frameNumber
    newest = frameNumber
    return goesOn || begins ? [] : [`frame number of frame ${sent.index} of ${sent.tag} is ${frameNumber}`]
  })
}

function pictureIdOf(codec: string, { payload }: ReceivedPacket): number | undefined {
  const descriptor = codec === 'VP8' ? new Vp8Descriptor() : new Vp9Descriptor()
  descriptor.parse(payload, 0, payload.length)
  return descriptor.hasPictureId ? descriptor.pictureId : undefined
}
