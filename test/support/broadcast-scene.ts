/** A broadcast with werift peers around it, and a video stream that flows. */
import type { Broadcast } from '../../src/broadcast/broadcast.js'
import type { SfuOptions } from '../../src/broadcast/sfu-options.js'
import type { SignalingContext } from '../../src/broadcast/signaling-target.js'
import { type WeriftPublisher, type WeriftViewer, weriftPublisher, weriftViewer } from './werift-client.js'

/** Options for tests: loopback only, media in this thread. */
export const TEST_OPTIONS: SfuOptions = { workers: 0, listenIps: ['127.0.0.1'] }

/** Lets a publisher join; resolves when it is connected. */
export async function joinPublisher(broadcast: Broadcast, options?: { audio?: boolean }): Promise<WeriftPublisher> {
  const publisher = await weriftPublisher(options)
  const { sdp } = await broadcast.addPublisher(publisher.offer)
  await publisher.accept(sdp)
  return publisher
}

/** Lets a viewer join; resolves when it is connected. */
export async function joinViewer(broadcast: Broadcast, context?: SignalingContext): Promise<WeriftViewer> {
  const viewer = await weriftViewer()
  const { sdp } = await broadcast.addViewer(viewer.offer, context)
  await viewer.accept(sdp)
  return viewer
}

/** Sends video every 10 ms, with a keyframe at the start and whenever one is asked for; returns the way to stop. */
export function streamVideo(publisher: WeriftPublisher): () => void {
  let answered = -1
  const timer = setInterval(() => {
    const keyframe = publisher.keyframeRequests !== answered
    answered = publisher.keyframeRequests
    publisher.sendVideo({ keyframe })
  }, 10)
  return () => clearInterval(timer)
}
