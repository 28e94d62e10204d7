/** A small WHIP and WHEP server of another make: peers of werift behind node:http. It knows POST and DELETE, and neither simulcast nor events. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MediaStreamTrack, type RTCPeerConnection } from 'werift'
import { createPeerConnection } from '../../src/testing/peer-connection.js'
import { SyntheticAudio, SyntheticVideo } from '../../src/testing/synthetic-video.js'

/** See the top of the file. */
export interface WeriftServer {
  /** Where it sends a synthetic picture and sound. */
  readonly whep: string
  /** Where it counts what comes. */
  readonly whip: string
  readonly received: { audio: number; video: number }
  /** How many sessions there are. */
  readonly sessions: number
  close(): Promise<void>
}

/** Starts it. */
export async function weriftServer(): Promise<WeriftServer> {
  const sessions = new Map<string, { connection: RTCPeerConnection; stop: () => void }>()
  const received = { audio: 0, video: 0 }

  const open = async (path: string, offer: string): Promise<{ id: string; answer: string }> => {
    const connection = await createPeerConnection()
    connection.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(() => received[track.kind === 'video' ? 'video' : 'audio']++)
    })
    await connection.setRemoteDescription({ type: 'offer', sdp: offer })
    const stop = path === '/whep' ? send(connection) : () => {}
    await connection.setLocalDescription(await connection.createAnswer())
    const id = `session-${sessions.size + 1}-${Math.random()}`
    sessions.set(id, { connection, stop })
    return { id, answer: connection.localDescription?.sdp ?? '' }
  }

  const end = async (id: string): Promise<boolean> => {
    const session = sessions.get(id)
    sessions.delete(id)
    session?.stop()
    await session?.connection.close()
    return session !== undefined
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, kind = '', id] = (request.url ?? '').split('/')
    if (request.method === 'POST') {
      let offer = ''
      for await (const chunk of request) offer += chunk
      const session = await open(`/${kind}`, offer)
      response.writeHead(201, { 'content-type': 'application/sdp', location: `/${kind}/${session.id}` })
      response.end(session.answer)
    } else if (request.method === 'DELETE' && id !== undefined) {
      response.writeHead((await end(id)) ? 200 : 404).end()
    } else response.writeHead(405).end()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    whep: `${base}/whep`,
    whip: `${base}/whip`,
    received,
    get sessions() {
      return sessions.size
    },
    async close() {
      await Promise.all([...sessions.keys()].map(end))
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Sends until the returned function is called; a keyframe every twenty frames. */
function send(connection: RTCPeerConnection): () => void {
  const tracks = connection.getTransceivers().map((transceiver) => {
    const track = new MediaStreamTrack({ kind: transceiver.kind })
    transceiver.setDirection('sendonly')
    void transceiver.sender.replaceTrack(track)
    return track
  })
  const start = { ssrc: 1, seq: 1000, timestamp: 90_000 }
  const audio = new SyntheticAudio({ ...start, payloadType: 111 })
  const video = new SyntheticVideo({ ...start, payloadType: 96 })
  const timer = setInterval(() => {
    video.keyframeWanted = video.framesSent % 20 === 0
    audio.frame(20, (packet) => tracks.find(({ kind }) => kind === 'audio')?.writeRtp(packet))
    video.frame(33, (packet) => tracks.find(({ kind }) => kind === 'video')?.writeRtp(packet))
  }, 20)
  return () => clearInterval(timer)
}
