/**
 * The baseline: a WHIP/WHEP broadcast server on plain werift, the way a careful developer writes it by hand. One
 * RTCPeerConnection in, one RTCPeerConnection per viewer out, and every packet that comes in goes to every sender.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift'
import { announceReady } from '../ipc.mjs'
import { answerUsageRequests } from './usage.mjs'

const CONFIG = {
  iceServers: [],
  // Loopback only: no address of an interface is gathered, and this one is added.
  iceUseIpv4: false,
  iceUseIpv6: false,
  iceAdditionalHostAddresses: ['127.0.0.1'],
  bundlePolicy: 'max-bundle',
  codecs: {
    audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })],
    video: [
      new RTCRtpCodecParameters({
        mimeType: 'video/VP8',
        clockRate: 90_000,
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }],
      }),
    ],
  },
}
const KEYFRAME_MIN_SPACING_MS = 500

const connections = new Map()
/** The senders of all connected viewers, by kind. */
const senders = { audio: new Set(), video: new Set() }
/** Asks the publisher for a keyframe. */
let requestKeyframe = () => {}

async function publish(offer) {
  const pc = new RTCPeerConnection(CONFIG)
  pc.onRemoteTransceiverAdded.subscribe((transceiver) => {
    transceiver.setDirection('recvonly')
    transceiver.onTrack.subscribe((track) => {
      const targets = senders[track.kind]
      track.onReceiveRtp.subscribe((rtp) => {
        // A sender writes its SSRC into the header that it gets, and keeps the packet for retransmission.
        for (const sender of targets) sender.sendRtp(rtp.clone()).catch(() => {})
      })
      if (track.kind === 'video') {
        requestKeyframe = coalesced(() => transceiver.receiver.sendRtcpPLI(track.ssrc).catch(() => {}))
      }
    })
  })
  return answer(pc, offer)
}

/** `ask`, at most once per spacing: at once, or when the spacing is over. */
function coalesced(ask) {
  let askedAtMs = Number.NEGATIVE_INFINITY
  let isWaiting = false
  const askNow = () => {
    isWaiting = false
    askedAtMs = performance.now()
    ask()
  }
  return () => {
    if (isWaiting) return
    const waitMs = askedAtMs + KEYFRAME_MIN_SPACING_MS - performance.now()
    isWaiting = waitMs > 0
    if (isWaiting) setTimeout(askNow, waitMs)
    else askNow()
  }
}

async function view(offer) {
  const pc = new RTCPeerConnection(CONFIG)
  const own = ['audio', 'video'].map((kind) => {
    const { sender } = pc.addTransceiver(kind, { direction: 'sendonly' })
    return { kind, sender }
  })
  for (const { kind, sender } of own)
    if (kind === 'video') sender.onPictureLossIndication.subscribe(() => requestKeyframe())
  pc.connectionStateChange.subscribe((state) => {
    for (const { kind, sender } of own) {
      if (state === 'connected') senders[kind].add(sender)
      else senders[kind].delete(sender)
    }
    if (state === 'connected') requestKeyframe()
  })
  return answer(pc, offer)
}

async function answer(pc, offer) {
  const id = randomUUID()
  connections.set(id, pc)
  pc.connectionStateChange.subscribe((state) => {
    if (state !== 'failed' && state !== 'closed') return
    connections.delete(id)
    if (state === 'failed') pc.close().catch(() => {})
  })
  await pc.setRemoteDescription({ type: 'offer', sdp: offer })
  // Resolves when all candidates are gathered, so the answer is complete.
  await pc.setLocalDescription(await pc.createAnswer())
  return { id, sdp: pc.localDescription.sdp }
}

async function readText(request) {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

async function route(request, response) {
  const { method, url } = request
  const open = { '/whip/live': publish, '/whep/live': view }[url]
  if (method === 'POST' && open) {
    const { id, sdp } = await open(await readText(request))
    response.writeHead(201, { 'content-type': 'application/sdp', location: `/sessions/${id}` }).end(sdp)
  } else if (method === 'DELETE') {
    await connections.get(url.slice('/sessions/'.length))?.close()
    response.writeHead(200).end()
  } else {
    response.writeHead(404).end()
  }
}

const server = createServer((request, response) => {
  route(request, response).catch((error) => response.writeHead(400).end(String(error)))
})
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const { port } = server.address()
  if (process.connected) answerUsageRequests()
  else console.log(`http://127.0.0.1:${port}/whip/live /whep/live`)
  announceReady({ port })
})
process.once('SIGTERM', () => process.exit(0))
