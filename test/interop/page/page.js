/** What the page of a browser can do: publish by WHIP and view by WHEP, with nothing but the browser's own WebRTC. */
import { WHIPClient } from '@eyevinn/whip-web-client'

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function camera() {
  return navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 30 }, audio: true })
}

/** Sends the offer, takes the answer; the URL of the session. */
async function exchange(pc, url) {
  await pc.setLocalDescription()
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(url, { method: 'POST', headers, body: pc.localDescription.sdp })
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
  await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() })
  return new URL(response.headers.get('location'), url).href
}

async function connected(pc) {
  for (let waited = 0; pc.connectionState !== 'connected'; waited += 20) {
    if (waited > 15_000) throw new Error(`the connection is ${pc.connectionState}`)
    await pause(20)
  }
}

let stop = async () => {}

async function publish(url) {
  const pc = new RTCPeerConnection()
  const stream = await camera()
  for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] })
  const session = await exchange(pc, url)
  stop = async () => {
    await fetch(session, { method: 'DELETE' })
    pc.close()
    for (const track of stream.getTracks()) track.stop()
  }
  await connected(pc)
}

async function publishByEyevinn(url) {
  let pc
  const peerConnectionFactory = (configuration) => {
    pc = new RTCPeerConnection(configuration)
    return pc
  }
  // Its default is a STUN server on the internet, which an empty list does away with.
  const client = new WHIPClient({ endpoint: url, opts: { iceServers: [] }, peerConnectionFactory })
  stop = () => client.destroy()
  await client.ingest(await camera())
  await connected(pc)
}

async function received(pc) {
  const streams = [...(await pc.getStats()).values()].filter(({ type }) => type === 'inbound-rtp')
  const video = streams.find(({ kind }) => kind === 'video')
  const audio = streams.find(({ kind }) => kind === 'audio')
  return { frames: video?.framesDecoded ?? 0, audioPackets: audio?.packetsReceived ?? 0 }
}

/** Counts from the first frame on, for `forMs`. */
async function view(url, forMs) {
  const begin = performance.now()
  const pc = new RTCPeerConnection()
  const video = document.querySelector('#video')
  const stream = new MediaStream()
  video.srcObject = stream
  pc.ontrack = ({ track }) => stream.addTrack(track)
  for (const kind of ['video', 'audio']) pc.addTransceiver(kind, { direction: 'recvonly' })
  const session = await exchange(pc, url)
  try {
    await connected(pc)
    while ((await received(pc)).frames === 0) {
      if (performance.now() - begin > 15_000) throw new Error('no frame in 15 s')
      await pause(20)
    }
    const from = performance.now()
    const before = await received(pc)
    await pause(forMs)
    const after = await received(pc)
    return {
      firstFrameMs: from - begin,
      seconds: (performance.now() - from) / 1000,
      frames: after.frames - before.frames,
      // Opus is sent in packets of 20 ms by everybody here.
      audioSeconds: (after.audioPackets - before.audioPackets) * 0.02,
      picture: `${video.videoWidth}x${video.videoHeight}`,
    }
  } finally {
    await fetch(session, { method: 'DELETE' })
    pc.close()
  }
}

globalThis.interop = { publish, publishByEyevinn, view, stop: () => stop() }
