/** Real WebRTC peers on loopback, made of werift: what a publisher and a viewer are when no browser is at hand. */
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, useOPUS, useVP8 } from 'werift'

/** Options of every peer: loopback only, nobody is asked for an address. */
function createConnection(): RTCPeerConnection {
  return new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    codecs: { video: [useVP8()], audio: [useOPUS()] },
  })
}

async function createOffer(connection: RTCPeerConnection): Promise<string> {
  await connection.setLocalDescription(await connection.createOffer())
  return connection.localDescription?.sdp ?? ''
}

async function whenConnected(connection: RTCPeerConnection): Promise<void> {
  if (connection.connectionState === 'connected') return
  await new Promise<void>((resolve, reject) => {
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') resolve()
      if (state === 'failed' || state === 'closed') reject(new Error(`the test's peer is ${state}`))
    })
  })
}

/** What both kinds of peer can do. */
export interface WeriftClient {
  readonly offer: string
  /** Takes the answer; resolves once ICE and DTLS are up. */
  accept(answer: string): Promise<void>
  /** Ends it. werift sends no close_notify, so the server is left to find out. */
  close(): Promise<void>
}

/** A peer that sends VP8 (and Opus, if asked). */
export interface WeriftPublisher extends WeriftClient {
  /** Sends one packet of `bytes` payload; `keyframe` makes it one that decoding can start at. Returns its sequence number. */
  sendVideo(options?: { keyframe?: boolean; bytes?: number; marker?: boolean; timestamp?: number }): number
  sendAudio(bytes?: number): void
  /** How many PLIs have come. */
  readonly keyframeRequests: number
}

const connections = new WeakMap<WeriftClient, RTCPeerConnection>()

/** Makes a publisher with an offer that is ready to be handed over. */
export async function weriftPublisher(options: { audio?: boolean } = {}): Promise<WeriftPublisher> {
  const connection = createConnection()
  const video = new MediaStreamTrack({ kind: 'video' })
  const sender = connection.addTransceiver(video, { direction: 'sendonly' }).sender
  const audio = options.audio === false ? undefined : new MediaStreamTrack({ kind: 'audio' })
  if (audio) connection.addTransceiver(audio, { direction: 'sendonly' })
  let keyframeRequests = 0
  sender.onPictureLossIndication.subscribe(() => keyframeRequests++)
  const offer = await createOffer(connection)
  let seq = 65_500
  let timestamp = 0xffff_0000
  let audioSeq = 0
  const publisher: WeriftPublisher = {
    offer,
    async accept(answer) {
      await connection.setRemoteDescription({ type: 'answer', sdp: answer })
      await whenConnected(connection)
    },
    close: () => connection.close(),
    sendVideo({ keyframe = false, bytes = 1000, marker = true, timestamp: at } = {}) {
      seq = (seq + 1) & 0xffff
      timestamp = at ?? (timestamp + 3000) >>> 0
      const payload = Buffer.alloc(bytes)
      // The payload descriptor (RFC 7741): start of partition 0; then the first byte of the frame, whose lowest bit is 0 at a keyframe.
      payload[0] = 0x10
      payload[1] = keyframe ? 0x00 : 0x01
      const header = new RtpHeader({ sequenceNumber: seq, timestamp, payloadType: 96, ssrc: 1, marker })
      video.writeRtp(new RtpPacket(header, payload))
      return seq
    },
    sendAudio(bytes = 80) {
      audioSeq = (audioSeq + 1) & 0xffff
      const header = new RtpHeader({ sequenceNumber: audioSeq, timestamp: audioSeq * 960, payloadType: 96, ssrc: 2 })
      audio?.writeRtp(new RtpPacket(header, Buffer.alloc(bytes, 1)))
    },
    get keyframeRequests() {
      return keyframeRequests
    },
  }
  connections.set(publisher, connection)
  return publisher
}

/** A peer that receives. */
export interface WeriftViewer extends WeriftClient {
  /** Every video packet that came, in order of arrival. */
  readonly video: readonly RtpPacket[]
  readonly audio: readonly RtpPacket[]
  /** Asks for a keyframe. */
  requestKeyframe(): Promise<void>
}

/** Makes a viewer with an offer that is ready to be handed over. */
export async function weriftViewer(): Promise<WeriftViewer> {
  const connection = createConnection()
  const video: RtpPacket[] = []
  const audio: RtpPacket[] = []
  const receiver = connection.addTransceiver('video', { direction: 'recvonly' }).receiver
  connection.addTransceiver('audio', { direction: 'recvonly' })
  connection.onTrack.subscribe((track) => {
    const packets = track.kind === 'video' ? video : audio
    track.onReceiveRtp.subscribe((packet) => packets.push(packet))
  })
  const offer = await createOffer(connection)
  const viewer: WeriftViewer = {
    offer,
    video,
    audio,
    async accept(answer) {
      await connection.setRemoteDescription({ type: 'answer', sdp: answer })
      await whenConnected(connection)
    },
    async requestKeyframe() {
      const ssrc = video[0]?.header.ssrc
      if (ssrc !== undefined) await receiver.sendRtcpPLI(ssrc)
    },
    close: () => connection.close(),
  }
  connections.set(viewer, connection)
  return viewer
}

/** Lets a peer fall silent without a goodbye, as if its machine had lost the network. */
export function silence(client: WeriftClient): void {
  for (const transport of connections.get(client)?.iceTransports ?? []) {
    for (const pair of transport.connection.candidatePairs) {
      pair.protocol.sendData = async () => {}
      pair.protocol.sendStun = async () => {}
    }
  }
}
