/** One connection of the load client: a UDP socket of its own, WHIP or WHEP, ICE, DTLS, and both directions of SRTP. */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createDtlsTransport, generateDtlsIdentity } from '../../../dist/transport/dtls.js'
import { randomIceCredentials } from '../../../dist/transport/ice/ice-credentials.js'
import { createSrtpReceiver, createSrtpSender } from '../../../dist/transport/srtp/create-srtp.js'
import { classifyDatagram, DATAGRAM_KIND } from '../../../dist/transport/udp/classify-datagram.js'
import { ImpairingRelay } from '../../support/impairment/impairing-relay.mjs'
import { IcePeer } from './ice-peer.mjs'
import { readAnswer, writeOffer } from './sdp.mjs'

const CONNECT_TIMEOUT_MS = 20_000
const RECEIVE_BUFFER_BYTES = 1 << 20
const CONSENT_INTERVAL_MS = 2500

const GCM = 'AEAD_AES_128_GCM'
const CM = 'AES_CM_128_HMAC_SHA1_80'
const SRTP_PROFILES = { gcm: [GCM], cm: [CM], both: [GCM, CM] }
/** All connections share one certificate: making one is no work of a server. */
const identity = await generateDtlsIdentity()

export class Connection {
  /** How many RTCP packets of the server were not authentic. */
  rtcpAuthFailures = 0
  /** The protection profile that was agreed on; undefined before. */
  srtpProfile
  localSsrc = randomInt(1, 0xffff_ffff)
  videoSsrc = randomInt(1, 0xffff_ffff)
  #socket = createSocket('udp4')
  #remotePort = 0
  #credentials = randomIceCredentials()
  #ice
  #dtls
  #sender
  #receiver
  #sessionUrl
  #consentTimer
  #isClosed = false
  #onRtp
  #onRtcp
  #hasFeedback
  #impaired
  #relay

  /**
   * @param {object} options
   * @param {(packet: Buffer, connection: Connection) => void} options.onRtp gets packets as they came, still encrypted
   * @param {(buffer: Buffer, end: number) => void} [options.onRtcp] gets compound packets in plain
   * @param {boolean} [options.hasFeedback] offers transport-wide feedback
   * @param {Parameters<typeof ImpairingRelay.open>[1]} [options.impaired] the conditions of a relay in between
   */
  constructor({ onRtp, onRtcp = () => {}, hasFeedback = false, impaired }) {
    this.#onRtp = onRtp
    this.#onRtcp = onRtcp
    this.#hasFeedback = hasFeedback
    this.#impaired = impaired
  }

  /**
   * Resolves when the SRTP keys are there.
   *
   * @param {string} url
   * @param {'sendonly' | 'recvonly'} direction
   * @param {'gcm' | 'cm' | 'both'} srtp the profiles that are offered
   */
  async connect(url, direction, srtp) {
    await new Promise((resolve) => this.#socket.bind(0, '127.0.0.1', resolve))
    this.#socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
    this.#socket.on('message', (datagram) => this.#take(datagram))
    this.#socket.on('error', () => {})
    const local = {
      ...this.#credentials,
      fingerprint: identity.fingerprint,
      port: this.#socket.address().port,
      videoSsrc: this.videoSsrc,
      audioSsrc: this.localSsrc,
    }
    const answer = await this.#post(url, writeOffer(direction, local, this.#hasFeedback))
    if (this.#impaired) this.#relay = await ImpairingRelay.open(answer, this.#impaired)
    const remote = readAnswer(this.#relay?.rewrite(answer) ?? answer)
    this.#remotePort = remote.port

    let timer
    try {
      await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error('not connected in time')), CONNECT_TIMEOUT_MS)
        this.#dtls = this.#createDtls(remote, SRTP_PROFILES[srtp], resolve, reject)
        this.#ice = new IcePeer(this.#credentials, remote, this.#send, () => this.#dtls.start())
        this.#ice.start()
      })
    } finally {
      clearTimeout(timer)
    }
    this.#consentTimer = setInterval(() => this.#ice.check(), CONSENT_INTERVAL_MS)
  }

  /** Encrypts and sends the RTP packet at the beginning of `buffer`, which this connection may keep. */
  sendRtp(buffer, headerLength, length, extSeq) {
    this.#send(buffer.subarray(0, this.#sender.protectRtp(buffer, 0, headerLength, length, extSeq)))
  }

  /** The same for a compound RTCP packet. */
  sendRtcp(buffer, length) {
    this.#send(buffer.subarray(0, this.#sender.protectRtcp(buffer, 0, length)))
  }

  /** Decrypts an RTP packet in place; returns the end of the plain packet, negative if it is not authentic. */
  openRtp(packet, headerLength) {
    return this.#receiver === undefined ? -1 : this.#receiver.unprotectRtp(packet, 0, headerLength, packet.length)
  }

  /** The session on the server, once there is one. */
  get sessionUrl() {
    return this.#sessionUrl
  }

  async close() {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#consentTimer)
    this.#ice?.close()
    this.#dtls?.close()
    if (this.#sessionUrl !== undefined) await fetch(this.#sessionUrl, { method: 'DELETE' }).catch(() => {})
    this.#socket.close()
    await this.#relay?.close()
  }

  #createDtls(remote, srtpProfiles, onUp, onFailure) {
    return createDtlsTransport({
      role: remote.setup === 'active' ? 'server' : 'client',
      identity,
      remoteFingerprints: [remote.fingerprint],
      srtpProfiles,
      send: this.#send,
      onConnected: (keys) => {
        this.srtpProfile = keys.profile
        this.#sender = createSrtpSender(keys)
        this.#receiver = createSrtpReceiver(keys)
        onUp()
      },
      onEnd: (end, detail) => onFailure(new Error(`DTLS ${end}: ${detail}`)),
    })
  }

  async #post(url, offer) {
    const response = await fetch(url, { method: 'POST', body: offer, headers: { 'content-type': 'application/sdp' } })
    const body = await response.text()
    if (response.status !== 201) throw new Error(`HTTP ${response.status}: ${body.slice(0, 300)}`)
    const location = response.headers.get('location')
    if (location !== null) this.#sessionUrl = new URL(location, url)
    return body
  }

  #send = (datagram) => {
    if (!this.#isClosed) this.#socket.send(datagram, this.#remotePort, '127.0.0.1')
  }

  #take(datagram) {
    switch (classifyDatagram(datagram, 0, datagram.length)) {
      case DATAGRAM_KIND.rtp:
        return this.#onRtp(datagram, this)
      case DATAGRAM_KIND.rtcp: {
        if (this.#receiver === undefined) return
        const end = this.#receiver.unprotectRtcp(datagram, 0, datagram.length)
        if (end < 0) this.rtcpAuthFailures++
        else this.#onRtcp(datagram, end)
        return
      }
      case DATAGRAM_KIND.stun:
        return this.#ice?.receive(datagram)
      case DATAGRAM_KIND.dtls:
        return this.#dtls?.receive(datagram)
    }
  }
}
