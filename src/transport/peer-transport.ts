/**
 * One peer's transport: ICE finds where it is, DTLS says who it is, SRTP carries the media (RFC 8445, RFC 5764, RFC 3711). Media leave through its
 * `output`, and what comes in is handed to a handler as plain packets.
 */
import { RtpHeader } from '../rtp/rtp-header.js'
import { createLog } from '../util/log.js'
import type { Deadline } from '../util/scheduler.js'
import { DtlsAdmission } from './dtls/dtls-admission.js'
import { createDtlsTransport } from './dtls.js'
import { ConsentTimer } from './ice/consent-timer.js'
import { IceLiteAgent } from './ice/ice-lite.js'
import { IceRole } from './ice/ice-role.js'
import type { IceCredentials, IceRemote, TransportCandidate } from './ice/ice-types.js'
import { PeerChecks } from './ice/peer-checks.js'
import type { JoinProgress } from './join-queue.js'
import { PeerOutput } from './peer-output.js'
import type { PeerTransportEnd, PeerTransportOptions } from './peer-transport-options.js'
import {
  addPeerTransport,
  noDrops,
  noTraffic,
  type PeerTransportState,
  type PeerTransportStats,
  type PeerTransportSums,
} from './peer-transport-stats.js'
import { createSrtpReceiver, createSrtpSender } from './srtp/create-srtp.js'
import type { StunMessage } from './stun/stun-message.js'
import {
  type DtlsTransport,
  SRTP_PROFILES,
  SRTP_REFUSED,
  type SrtpKeyingMaterial,
  type SrtpProfile,
  type SrtpReceiver,
} from './types.js'
import { formatAddress } from './udp/ip-address.js'
import type { AddressEntry, MuxPeer } from './udp/mux-peer.js'

export type { PeerTransportEnd, PeerTransportHandler, PeerTransportOptions } from './peer-transport-options.js'
export type { PeerTransportState, PeerTransportStats } from './peer-transport-stats.js'

const log = createLog('transport')

/** ICE, DTLS and SRTP of one peer behind the shared port. */
export class PeerTransport {
  /** Where the peer's media leave. */
  readonly output: PeerOutput
  readonly #options: PeerTransportOptions
  readonly #muxPeer: MuxPeer & { progress: JoinProgress }
  readonly #ice: IceLiteAgent
  readonly #checks: PeerChecks
  readonly #consent: ConsentTimer
  readonly #admission = new DtlsAdmission()
  readonly #header = new RtpHeader()
  readonly #traffic = noTraffic()
  readonly #dropped = noDrops()
  #state: PeerTransportState = 'connecting'
  #started = false
  #connectTimeout: Deadline | undefined
  #dtls: DtlsTransport | undefined
  #dtlsStarted = false
  /** What of the peer waits behind media. */
  #waiting = 0
  #srtpReceiver: SrtpReceiver | undefined
  #srtpProfile: SrtpProfile | undefined

  constructor(options: PeerTransportOptions) {
    const { mux, scheduler, disconnectedAfterMs, consentTimeoutMs } = options
    const role = new IceRole(options.controlling === true)
    this.#options = options
    this.output = new PeerOutput(mux.sender)
    this.#muxPeer = {
      progress: 'new',
      onStunRequest: (request, from, nowMs) => this.#onStunRequest(request, from, nowMs),
      onStunResponse: (response, from, nowMs) => this.#checks.onResponse(response, from, nowMs),
      onDtls: (datagram, _from, nowMs) => this.#onDtls(datagram, nowMs),
      onSrtp: (buffer, start, end, isRtcp, from, nowMs) => this.#onSrtp(buffer, start, end, isRtcp, from, nowMs),
      onAddressLost: (address) => {
        this.#ice.lose(address)
        this.output.sendTo(this.#ice.selected)
      },
      onDefect: (error) => this.#fail(error),
    }
    this.#ice = new IceLiteAgent({
      mux,
      peer: this.#muxPeer,
      local: options.local,
      remote: options.remote,
      role,
      commit: (offset, length, to) => this.#commit(offset, length, to),
    })
    this.#checks = new PeerChecks(
      {
        mux,
        peer: this.#muxPeer,
        scheduler,
        role,
        commit: (offset, length, to) => this.#commit(offset, length, to),
        onValidated: (address, nominated, nowMs) => {
          if (!this.#ice.acceptChecked(address, nominated, nowMs)) return false
          this.output.sendTo(this.#ice.selected)
          this.#consent.touch(nowMs)
          this.#startDtls()
          return true
        },
        onConsent: (address, nowMs) => {
          address.lastAuthenticMs = nowMs
          this.#consent.touch(nowMs)
        },
      },
      options.local,
      options.remote,
    )
    this.#consent = new ConsentTimer({
      scheduler,
      disconnectedAfterMs,
      consentTimeoutMs,
      onSilent: () => this.#guard(() => this.#setState('disconnected')),
      onAlive: () => this.#setState('connected'),
      onExpired: () => this.#end('consent-timeout', `nothing was heard for ${consentTimeoutMs} ms`),
    })
  }

  /** How far it is. */
  get state(): PeerTransportState {
    return this.#state
  }

  /** Lets the peer in. Throws `internal-error` if its local ufrag is taken. */
  start(): void {
    if (this.#started || this.#state === 'closed') return
    this.#started = true
    const options = this.#options
    const { scheduler, connectTimeoutMs } = options
    this.#dtls = (options.createDtls ?? createDtlsTransport)(
      {
        role: options.dtlsRole,
        identity: options.identity,
        remoteFingerprints: options.remote.fingerprints,
        srtpProfiles: options.srtpProfiles ?? SRTP_PROFILES,
        send: (datagram) => this.#sendDtls(datagram),
        onConnected: (keys) => this.#guard(() => this.#onKeys(keys)),
        onEnd: (end, detail) => this.#end(end === 'close-notify' ? 'peer-closed' : 'dtls-failed', detail),
      },
      {
        setTimer: (delayMs, fn) => {
          const deadline = scheduler.after(delayMs, () => this.#guard(fn))
          return () => deadline.cancel()
        },
      },
    )
    this.#ice.start()
    this.#connectTimeout = scheduler.after(connectTimeoutMs, () =>
      this.#end('connect-timeout', `not connected after ${connectTimeoutMs} ms`),
    )
    // A server has nothing to say before the ClientHello, so it needs no address to say it to.
    if (options.dtlsRole === 'server') this.#startDtls()
    this.#checks.start()
  }

  /** Says DTLS close_notify, and frees everything. Idempotent; the handler hears nothing of it. */
  close(): void {
    this.#release()
  }

  /**
   * Takes the credentials of an ICE restart (RFC 8445, section 9). The old ones stay good until the first authenticated check with the
   * new ones; media and DTLS go on all the while. Throws `internal-error` if the new local ufrag is taken.
   */
  restartIce(local: IceCredentials, remote: IceRemote): void {
    if (this.#state === 'closed' || !this.#started) return
    this.#ice.restart(local, remote)
    this.#checks.restart(local, remote)
  }

  /** Takes one more candidate of a peer that trickles; it is used only if the peer does not check us by itself. */
  addRemoteCandidate(candidate: TransportCandidate): void {
    if (this.#state === 'closed' || !this.#started) return
    this.#checks.addCandidate(candidate, this.#ice.selected === undefined)
  }

  /** Snapshot. */
  stats(): PeerTransportStats {
    const { selected, addressChanges } = this.#ice
    const traffic = { ...this.#traffic }
    const dropped = { ...this.#dropped }
    this.output.addTo(traffic, dropped)
    return {
      state: this.#state,
      ...traffic,
      selectedAddress: selected && formatAddress(selected.ip, selected.port),
      protocol: selected && (selected.stream ? 'tcp' : 'udp'),
      addressChanges,
      srtpProfile: this.#srtpProfile,
      rttMs: this.#checks.rttMs,
      dropped,
    }
  }

  /** Adds what it has counted so far to sums over peers. */
  addTo(sums: PeerTransportSums): void {
    addPeerTransport(sums, this.#traffic, this.#dropped)
    this.output.addTo(sums.traffic, sums.dropped)
  }

  #onStunRequest(request: StunMessage, from: AddressEntry, nowMs: number): void {
    if (!this.#ice.onRequest(request, from, nowMs)) return
    this.output.sendTo(this.#ice.selected)
    this.#traffic.packetsIn++
    this.#traffic.bytesIn += request.end - request.start
    this.#checks.onPeerChecked(from, nowMs)
    this.#consent.touch(nowMs)
    this.#startDtls()
  }

  /** Not a sign of life: what is in it is not known to be authentic, and where it came from is easily forged. */
  #onDtls(datagram: Buffer, nowMs: number): void {
    this.#traffic.packetsIn++
    this.#traffic.bytesIn += datagram.length
    if (!this.#admission.admit(nowMs, this.#srtpReceiver !== undefined)) {
      this.#dropped.rateLimited++
      return
    }
    if (this.#srtpReceiver !== undefined) {
      this.#dtls?.receive(datagram)
      return
    }
    this.#wait(datagram.length, () => {
      if (this.#muxPeer.progress === 'new') this.#muxPeer.progress = 'begun'
      this.#dtls?.receive(datagram)
    })
  }

  /** Does a step towards the connection when media leaves time for it. */
  #wait(bytes: number, step: () => void): void {
    this.#waiting++
    const waits = this.#options.mux.join(this.#muxPeer.progress, bytes, () => {
      this.#waiting--
      if (this.#state !== 'closed') this.#guard(step)
    })
    if (!waits) this.#waiting--
  }

  #onSrtp(buffer: Buffer, start: number, end: number, isRtcp: boolean, from: AddressEntry, nowMs: number): void {
    const traffic = this.#traffic
    traffic.packetsIn++
    traffic.bytesIn += end - start
    if (this.#waiting === 0 || this.#muxPeer.progress === 'new') {
      this.#openSrtp(buffer, start, end, isRtcp, from, nowMs)
      return
    }
    // A server's first packets come right behind the end of its handshake; as long as that waits, so do they.
    const copy = Buffer.from(buffer.subarray(start, end))
    this.#wait(copy.length, () => this.#openSrtp(copy, 0, copy.length, isRtcp, from, this.#options.clock.nowMs()))
  }

  #openSrtp(buffer: Buffer, start: number, end: number, isRtcp: boolean, from: AddressEntry, nowMs: number): void {
    const traffic = this.#traffic
    const srtp = this.#srtpReceiver
    if (srtp === undefined) {
      this.#dropped.beforeConnected++
      return
    }
    let plainEnd: number = SRTP_REFUSED.malformed
    if (isRtcp) plainEnd = srtp.unprotectRtcp(buffer, start, end)
    else if (this.#header.parse(buffer, start, end)) {
      plainEnd = srtp.unprotectRtp(buffer, start, this.#header.headerLength, end)
    }
    if (plainEnd < 0) {
      this.#countRefused(plainEnd)
      return
    }
    from.lastAuthenticMs = nowMs
    this.#consent.touch(nowMs)
    // The handler was perhaps told that the peer is back, and closed it.
    if (this.#srtpReceiver === undefined) return
    if (isRtcp) {
      traffic.rtcpPacketsIn++
      traffic.rtcpBytesIn += end - start
      this.#options.handler.onRtcp(buffer, start, plainEnd, nowMs)
    } else {
      traffic.rtpPacketsIn++
      traffic.rtpBytesIn += end - start
      this.#options.handler.onRtp(buffer, start, plainEnd, nowMs)
    }
  }

  #onKeys(keys: SrtpKeyingMaterial): void {
    if (this.#state !== 'connecting') return
    const options = this.#options
    this.output.open((options.createSrtpSender ?? createSrtpSender)(keys))
    this.#srtpReceiver = (options.createSrtpReceiver ?? createSrtpReceiver)(keys)
    this.#srtpProfile = keys.profile
    this.#muxPeer.progress = 'connected'
    this.#connectTimeout?.cancel()
    this.#consent.start(options.clock.nowMs())
    this.#setState('connected')
  }

  #countRefused(refusal: number): void {
    if (refusal === SRTP_REFUSED.authentication) this.#dropped.srtpAuthentication++
    else if (refusal === SRTP_REFUSED.replay) this.#dropped.srtpReplay++
    else this.#dropped.srtpMalformed++
  }

  #sendDtls(datagram: Buffer): void {
    const { sender } = this.#options.mux
    const to = this.#ice.selected
    if (to === undefined || this.#state === 'closed') return
    const offset = sender.reserve(datagram.length)
    if (offset < 0) {
      this.#dropped.sendQueueFull++
      return
    }
    datagram.copy(sender.buffer, offset)
    this.#commit(offset, datagram.length, to)
  }

  #commit(offset: number, length: number, to: AddressEntry): void {
    this.#traffic.packetsOut++
    this.#traffic.bytesOut += length
    this.#options.mux.sender.commit(offset, length, to)
  }

  #startDtls(): void {
    if (this.#dtlsStarted) return
    this.#dtlsStarted = true
    this.#dtls?.start()
  }

  #setState(state: PeerTransportState): void {
    if (this.#state === 'closed' || this.#state === state) return
    this.#state = state
    this.#options.handler.onState(state)
  }

  /** Calls into our own code from a timer or from DTLS, where nobody else catches. */
  #guard(fn: () => void): void {
    try {
      fn()
    } catch (error) {
      this.#options.mux.counters.defects++
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    log('defect: %O', error)
    this.#end('internal-error', error instanceof Error ? error.message : String(error))
  }

  #end(reason: PeerTransportEnd, detail: string): void {
    if (this.#state === 'closed') return
    this.#release()
    try {
      this.#options.handler.onState('closed', reason, detail)
    } catch (error) {
      // It is closed already; there is nobody left to tell.
      this.#options.mux.counters.defects++
      log('onState threw: %O', error)
    }
  }

  #release(): void {
    if (this.#state === 'closed') return
    this.#connectTimeout?.cancel()
    this.#consent.stop()
    this.#checks.close()
    try {
      // While the address is still ours: close_notify goes there.
      this.#dtls?.close()
    } catch (error) {
      this.#options.mux.counters.defects++
      log('closing DTLS threw: %O', error)
    }
    this.#state = 'closed'
    this.output.close()
    this.#srtpReceiver?.close()
    this.#srtpReceiver = undefined
    this.#options.mux.removePeer(this.#muxPeer)
  }
}
