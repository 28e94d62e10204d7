/**
 * A peer of a few hundred lines less than WebRTC: one socket, one check, our own DTLS and SRTP. For tests that need many peers, or
 * one that misbehaves: its socket sends whatever it is told, from an address that the server has validated. Over UDP, or over TCP as ICE frames
 * it (RFC 6544).
 */

import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { createDtlsTransport, generateDtlsIdentity } from '../../src/transport/dtls.js'
import { createSrtpReceiver, createSrtpSender } from '../../src/transport/srtp/create-srtp.js'
import { integrityKey } from '../../src/transport/stun/stun-integrity.js'
import { STUN_CLASS } from '../../src/transport/stun/stun-types.js'
import { StunWriter } from '../../src/transport/stun/stun-writer.js'
import {
  type DtlsIdentity,
  type DtlsTransport,
  SRTP_PROFILES,
  type SrtpReceiver,
  type SrtpSender,
} from '../../src/transport/types.js'

/** What carries the client's packets. */
interface Wire {
  send(packet: Buffer, port: number, ip: string): void
  close(): void
  /** Stops reading, as a client does that is stuck; only over TCP. */
  pause?(): void
  resume?(): void
}

type OnPacket = (packet: Buffer) => void

async function udpWire(ipv6: boolean, onPacket: OnPacket): Promise<Wire> {
  const socket = createSocket({ type: ipv6 ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 })
  socket.on('message', onPacket)
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.bind(0, ipv6 ? '::1' : '127.0.0.1', resolve))
  return { send: (packet, port, ip) => socket.send(packet, port, ip), close: () => socket.close() }
}

/** Connects with the first packet. */
function tcpWire(onPacket: OnPacket): Wire {
  let socket: ReturnType<typeof connect> | undefined
  let received = Buffer.alloc(0)
  const open = (port: number, ip: string) => {
    const opened = connect({ port, host: ip, noDelay: true })
    opened.on('error', () => {})
    opened.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      let at = 0
      while (received.length - at >= 2 && received.length - at - 2 >= received.readUInt16BE(at)) {
        const end = at + 2 + received.readUInt16BE(at)
        onPacket(Buffer.from(received.subarray(at + 2, end)))
        at = end
      }
      received = received.subarray(at)
    })
    return opened
  }
  return {
    send(packet, port, ip) {
      socket ??= open(port, ip)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(packet.length)
      if (!socket.destroyed) socket.write(Buffer.concat([length, packet]))
    },
    close: () => socket?.destroy(),
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
  }
}

let identity: Promise<DtlsIdentity> | undefined

/** Half of a peer's credentials and the ports that belong to it. */
interface Remote {
  readonly ufrag: string
  readonly pwd: string
  readonly ip: string
  readonly port: number
  readonly fingerprint: string
}

function readAnswer(answer: string, protocol: 'udp' | 'tcp', ipPattern: string): Remote {
  const value = (pattern: RegExp) => pattern.exec(answer)?.slice(1) ?? []
  const [ip = '', port = '0'] = value(new RegExp(`^a=candidate:\\S+ 1 ${protocol} \\d+ (${ipPattern}) (\\d+)`, 'im'))
  return {
    ufrag: value(/^a=ice-ufrag:(\S+)/m)[0] ?? '',
    pwd: value(/^a=ice-pwd:(\S+)/m)[0] ?? '',
    ip,
    port: Number(port),
    fingerprint: value(/^a=fingerprint:sha-256 (\S+)/m)[0] ?? '',
  }
}

const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'

/** The section that a publisher sends audio in. */
const AUDIO_LINES = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 0.0.0.0',
  'a=mid:1',
  'a=sendonly',
  'a=rtcp-mux',
  `a=extmap:1 ${AUDIO_LEVEL_URI}`,
  'a=rtpmap:111 opus/48000/2',
  'a=ssrc:4343 cname:light',
]

/** How a {@link LightClient} is made. */
export interface LightClientOptions {
  /** Whether a publisher has audio, too. */
  readonly audio?: boolean
  /** `udp` by default. */
  readonly protocol?: 'udp' | 'tcp'
  /** To `::1` instead of 127.0.0.1. */
  readonly ipv6?: boolean
}

/** Video, with payload type 96 and SSRC 4242 where it publishes; a publisher may have audio, too, with payload type 111 and SSRC 4343. */
export class LightClient {
  readonly offer: string
  /** Plain RTP packets that came, headers included. */
  readonly packets: Buffer[] = []
  /** Datagrams that came and did not open. */
  refused = 0
  /** What arrived of plain RTCP. */
  readonly rtcp: Buffer[] = []
  #ufrag = randomBytes(6).toString('base64')
  #pwd = randomBytes(18).toString('base64')
  /** Whose checks are sent; the ones of a restart only once the server has answered it. */
  #checkUfrag = this.#ufrag
  #wire: Wire | undefined
  readonly #protocol: 'udp' | 'tcp'
  readonly #ipPattern: string
  readonly #identity: DtlsIdentity
  #remote: Remote | undefined
  #dtls: DtlsTransport | undefined
  #sender: SrtpSender | undefined
  #receiver: SrtpReceiver | undefined
  #extSeq = 1000
  #audioExtSeq = 2000
  #closed = false
  #keepAlive: NodeJS.Timeout | undefined
  #onCheckAnswered: (() => void) | undefined

  private constructor(role: 'publisher' | 'viewer', options: LightClientOptions, dtlsIdentity: DtlsIdentity) {
    const withAudio = options.audio === true
    this.#protocol = options.protocol ?? 'udp'
    this.#ipPattern = options.ipv6 ? '::1' : '127\\.0\\.0\\.1'
    this.#identity = dtlsIdentity
    this.offer = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      `a=group:BUNDLE 0${withAudio ? ' 1' : ''}`,
      `a=fingerprint:sha-256 ${dtlsIdentity.fingerprint.value}`,
      'a=setup:actpass',
      `a=ice-ufrag:${this.#ufrag}`,
      `a=ice-pwd:${this.#pwd}`,
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'c=IN IP4 0.0.0.0',
      'a=mid:0',
      role === 'publisher' ? 'a=sendonly' : 'a=recvonly',
      'a=rtcp-mux',
      'a=rtpmap:96 VP8/90000',
      'a=rtcp-fb:96 nack pli',
      ...(role === 'publisher' ? ['a=ssrc:4242 cname:light'] : []),
      ...(withAudio ? AUDIO_LINES : []),
      '',
    ].join('\r\n')
  }

  /** Opens a socket and writes the offer. */
  static async create(role: 'publisher' | 'viewer', options: LightClientOptions = {}): Promise<LightClient> {
    identity ??= generateDtlsIdentity()
    const client = new LightClient(role, options, await identity)
    await client.#open()
    return client
  }

  async #open(): Promise<void> {
    const onPacket = (packet: Buffer) => this.#receive(packet)
    this.#wire = this.#protocol === 'tcp' ? tcpWire(onPacket) : await udpWire(this.#ipPattern === '::1', onPacket)
  }

  /** Closes the connection without a word, and goes on over a new one. */
  async reconnect(): Promise<void> {
    this.#wire?.close()
    await this.#open()
    await this.check()
  }

  /** Reads nothing any more, over TCP, until `resume`. */
  pause(): void {
    this.#wire?.pause?.()
  }

  resume(): void {
    this.#wire?.resume?.()
  }

  /** Takes the answer; resolves once DTLS is up. */
  async accept(answer: string): Promise<void> {
    const remote = readAnswer(answer, this.#protocol, this.#ipPattern)
    this.#remote = remote
    await new Promise<void>((resolve) => {
      this.#onCheckAnswered = resolve
      this.#check()
      // The answer to a check can be lost like any datagram.
      this.#keepAlive = setInterval(() => this.#check(), 500)
    })
    clearInterval(this.#keepAlive)
    this.#keepAlive = setInterval(() => this.#check(), 2000)
    await new Promise<void>((resolve, reject) => {
      this.#dtls = createDtlsTransport({
        role: 'client',
        identity: this.#identity,
        remoteFingerprints: [{ algorithm: 'sha-256', value: remote.fingerprint }],
        srtpProfiles: SRTP_PROFILES,
        send: (datagram) => this.sendRaw(datagram),
        onConnected: (keys) => {
          this.#sender = createSrtpSender(keys)
          this.#receiver = createSrtpReceiver(keys)
          resolve()
        },
        onEnd: (end, detail) => reject(new Error(`DTLS: ${end} ${detail}`)),
      })
      this.#dtls.start()
    })
  }

  /** An SDP fragment with its ICE credentials, new ones if `restart`. */
  fragment(restart = false): string {
    if (restart) {
      this.#ufrag = randomBytes(6).toString('base64')
      this.#pwd = randomBytes(18).toString('base64')
    }
    const lines = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', `a=ice-ufrag:${this.#ufrag}`, `a=ice-pwd:${this.#pwd}`]
    return `${lines.join('\r\n')}\r\na=end-of-candidates\r\n`
  }

  /** Goes on with the credentials of the server's fragment; resolves once a check with them was answered. */
  async acceptFragment(fragment: string): Promise<void> {
    if (!this.#remote) throw new Error('there is no session to restart')
    const { ufrag, pwd } = readAnswer(fragment, this.#protocol, this.#ipPattern)
    this.#remote = { ...this.#remote, ufrag, pwd }
    this.#checkUfrag = this.#ufrag
    await this.check()
  }

  /** Resolves once a check was answered. */
  async check(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onCheckAnswered = resolve
      this.#check()
    })
  }

  /** Sends any bytes to the server. */
  sendRaw(datagram: Buffer): void {
    if (this.#remote && !this.#closed) this.#wire?.send(datagram, this.#remote.port, this.#remote.ip)
  }

  /** Sends one VP8 packet that is a frame of its own, with `mark` in its payload. */
  sendVideo(keyframe: boolean, mark = 0, bytes = 1000): void {
    const packet = Buffer.alloc(bytes + 64)
    const extSeq = this.#extSeq++
    packet[0] = 0x80
    packet[1] = 0x80 | 96
    packet.writeUInt16BE(extSeq & 0xffff, 2)
    packet.writeUInt32BE((extSeq * 3000) >>> 0, 4)
    packet.writeUInt32BE(4242, 8)
    packet[12] = 0x10
    packet[13] = keyframe ? 0 : 1
    packet.writeDoubleBE(mark, 24)
    const length = this.#sender?.protectRtp(packet, 0, 12, bytes, extSeq) ?? 0
    this.sendRaw(packet.subarray(0, length))
  }

  /** Sends one packet of audio that says that level (RFC 6464), in -dBov. */
  sendAudio(level: number, bytes = 60): void {
    const packet = Buffer.alloc(20 + bytes + 64)
    const extSeq = this.#audioExtSeq++
    packet[0] = 0x90
    packet[1] = 111
    packet.writeUInt16BE(extSeq & 0xffff, 2)
    packet.writeUInt32BE((extSeq * 960) >>> 0, 4)
    packet.writeUInt32BE(4343, 8)
    packet.writeUInt32BE(0xbede_0001, 12)
    packet.set([0x10, 0x80 | level], 16)
    const length = this.#sender?.protectRtp(packet, 0, 20, 20 + bytes, extSeq) ?? 0
    this.sendRaw(packet.subarray(0, length))
  }

  /** Sends one plain compound RTCP packet, protected. */
  sendRtcp(compound: Buffer): void {
    const packet = Buffer.concat([compound, Buffer.alloc(64)])
    const length = this.#sender?.protectRtcp(packet, 0, compound.length) ?? 0
    this.sendRaw(packet.subarray(0, length))
  }

  /** Says goodbye and closes the socket. Idempotent. */
  close(): void {
    if (this.#closed) return
    clearInterval(this.#keepAlive)
    this.#dtls?.close()
    this.#dtls = undefined
    this.#closed = true
    // What close_notify needs to get out.
    setTimeout(() => this.#wire?.close(), 20)
  }

  #check(): void {
    const remote = this.#remote
    if (!remote) return
    const buffer = Buffer.alloc(256)
    const writer = new StunWriter()
    writer.begin(buffer, 0, STUN_CLASS.request, randomBytes(12), 0)
    writer.username(`${remote.ufrag}:${this.#checkUfrag}`)
    writer.priority(1)
    writer.role('controlling', 1n)
    writer.useCandidate()
    writer.integrity(integrityKey(remote.pwd))
    writer.fingerprint()
    this.sendRaw(buffer.subarray(0, writer.finish()))
  }

  #receive(datagram: Buffer): void {
    const first = datagram[0] as number
    if (first < 4) return this.#onCheckAnswered?.()
    if (first < 64) return this.#dtls?.receive(datagram)
    if (!this.#receiver) return
    const isRtcp = (datagram[1] as number) >= 192 && (datagram[1] as number) <= 223
    const end = isRtcp
      ? this.#receiver.unprotectRtcp(datagram, 0, datagram.length)
      : this.#receiver.unprotectRtp(datagram, 0, headerLength(datagram), datagram.length)
    if (end < 0) this.refused++
    else (isRtcp ? this.rtcp : this.packets).push(datagram.subarray(0, end))
  }
}

function headerLength(packet: Buffer): number {
  const fixed = 12 + 4 * ((packet[0] as number) & 0x0f)
  return (packet[0] as number) & 0x10 ? fixed + 4 + 4 * packet.readUInt16BE(fixed + 2) : fixed
}
