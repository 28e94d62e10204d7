/** One session on the server and the peer connection that belongs to it, from the offer until it is over; repaired by ICE restarts meanwhile. */
import { backoffMs } from './backoff.js'
import { ClientError } from './client-error.js'
import type { Http } from './http.js'
import { Liveness, LOOK_MS } from './liveness.js'
import { Pause } from './pause.js'
import { isGone, isTransient, Resource } from './resource.js'
import { restartedAnswer, sdpFragment } from './sdp-fragment.js'
import type { SessionOptions } from './session-options.js'

/** Candidates come in bursts; a request for each would cost more than so short a wait. */
const TRICKLE_MS = 100
/** How long a restart may take until the next one; two in vain, and a new session is the better way. */
const RESTART_MS = 3000
const MAX_RESTARTS = 2
/** The connection waits for its DELETE: the goodbye of DTLS would overtake it, and then there is nothing to delete. But not longer. */
const LEAVE_MS = 1000

/** What a link needs, and whom it tells. */
export interface LinkHost {
  readonly endpoint: URL
  readonly options: SessionOptions
  readonly http: Http
  /** Whether there is another server to go to. */
  readonly hasOthers: boolean
  /** All waits are by this one. */
  readonly pause: Pause
  readonly iceServers: readonly RTCIceServer[]
  /** Adds the m-lines to the connection. */
  addTracks(connection: RTCPeerConnection): void
  /** The answer is there. */
  onOpen(resource: Resource): void
  /** Media can flow: for the first time, or again. */
  onUp(): void
  /** They do not, and it is being repaired. */
  onDown(error: ClientError): void
}

/** See the top of the file. */
export class Link {
  declare readonly connection: RTCPeerConnection
  declare resource: Resource | undefined
  /** Whether it has ended. */
  ended = false
  /** Whether media could ever flow. */
  isUp = false
  readonly #host: LinkHost
  readonly #liveness = new Liveness()
  /** Resolves with the reason once it is over. */
  declare readonly over: Promise<ClientError>
  #finish!: (error: ClientError) => void
  readonly #opening: Promise<void>
  #released: Promise<void> | undefined
  /** Until the connection is up, for it to be; from then on for the next look. */
  #timer: ReturnType<typeof setTimeout> | undefined
  #trickleTimer: ReturnType<typeof setTimeout> | undefined
  /** Candidates are needed until there is a way. Most servers find it by our checks before a request would be there. */
  #isSearching = true
  #isRepairing = false
  #restarting: Promise<void> | undefined

  constructor(host: LinkHost) {
    this.#host = host
    this.over = new Promise((resolve) => {
      this.#finish = resolve
    })
    this.connection = new RTCPeerConnection(this.#configuration())
    this.#opening = this.#open().catch((error) => void this.end(error))
  }

  /** Restarts ICE. Rejects with a {@link ClientError} if that fails; the session goes on as it was then. */
  restartIce(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined
    })
    return this.#restarting
  }

  /** Ends it here and on the server, unless that has ended it; resolves when both are done. Idempotent. */
  end(error: unknown): Promise<void> {
    this.#released ??= this.#release(ClientError.from(error))
    return this.#released
  }

  async #open(): Promise<void> {
    const { connection } = this
    const { http, options, endpoint } = this.#host
    this.#host.addTracks(connection)
    connection.addEventListener('icecandidate', () => this.#trickleSoon())
    connection.addEventListener('connectionstatechange', () => this.#onConnectionState())
    await connection.setLocalDescription()
    if (this.ended) return
    const { sdp } = connection.localDescription as RTCSessionDescription
    const reply = await http.post(endpoint, 'sdp', sdp)
    const resource = new Resource(http, reply)
    this.resource = resource
    if (this.ended) return
    this.#timer = setTimeout(() => this.end(noWay()), options.connectTimeoutMs ?? 10_000)
    await connection.setRemoteDescription({ type: 'answer', sdp: reply.body })
    if (this.ended) return
    // A goodbye by DTLS closes only the transport, the one of the bundle; the connection as a whole does not count as closed by it.
    const transport = connection.getSenders()[0]?.transport
    transport?.addEventListener('statechange', () => {
      if (transport.state === 'closed') void this.end(new ClientError('ended', 'ended by the server'))
    })
    this.#trickleSoon()
    this.#host.onOpen(resource)
    // For the next restart; the present ICE session has its servers.
    connection.setConfiguration(this.#configuration())
  }

  #configuration(): RTCConfiguration {
    return { bundlePolicy: 'max-bundle', iceServers: this.#host.iceServers as RTCIceServer[] }
  }

  #trickleSoon(): void {
    this.#trickleTimer ??= setTimeout(() => {
      this.#trickleTimer = undefined
      const isAnswered = this.connection.signalingState === 'stable'
      if (isAnswered && this.#isSearching && !this.ended) void this.resource?.trickle(this.#fragment())
    }, TRICKLE_MS)
  }

  #fragment(): string {
    return sdpFragment(this.connection.localDescription?.sdp ?? '')
  }

  #onConnectionState(): void {
    const { connectionState } = this.connection
    if (this.ended) return
    if (connectionState === 'connected') {
      this.#liveness.hasHeard = true
      this.#isSearching = false
      this.#host.pause.wake()
      if (this.isUp) return
      this.isUp = true
      this.#lookSoon()
      this.#host.onUp()
    } else if (this.isUp && connectionState !== 'connecting') void this.repair()
    else if (connectionState === 'failed') void this.end(noWay())
  }

  #lookSoon(): void {
    clearTimeout(this.#timer)
    // A connection that is closed meanwhile may have no statistics any more.
    this.#timer = setTimeout(() => this.#look().catch(() => {}), LOOK_MS)
  }

  async #look(): Promise<void> {
    const isSilent = this.#liveness.look(await this.connection.getStats())
    if (this.ended) return
    this.#lookSoon()
    if (this.#isRepairing) {
      if (this.#isWell()) this.#host.pause.wake()
    } else if (isSilent) {
      const isThere = await this.resource?.isThere()
      if (isThere === false) await this.end(gone())
      // To wait for a server that is down is the last resort.
      else if (!isThere) await (this.#host.hasOthers ? this.end(lost()) : this.repair())
    }
  }

  #isWell(): boolean {
    return this.#liveness.hasHeard && this.connection.connectionState === 'connected'
  }

  /** If it was up, restarts ICE until media flow again; ends the link when there is nothing to be repaired. */
  async repair(): Promise<void> {
    if (!this.isUp || this.#isRepairing || this.ended) return
    const { pause, options } = this.#host
    this.#isRepairing = true
    this.#liveness.hasHeard = false
    this.#host.onDown(lost())
    let restarts = 0
    try {
      for (let attempt = 0; !this.ended && !this.#isWell(); attempt++) {
        if (restarts === MAX_RESTARTS) throw lost()
        const isRestarted = await this.#reach()
        if (isRestarted) restarts++
        const delayMs = isRestarted ? RESTART_MS : backoffMs(attempt, options.reconnect || {})
        if (!this.ended) await pause.sleep(delayMs)
      }
    } catch (error) {
      await this.end(error)
    }
    if (this.ended) return
    this.#isRepairing = false
    this.#host.onUp()
  }

  /** Resolves with whether ICE was restarted. Rejects when the session cannot be saved. */
  async #reach(): Promise<boolean> {
    const { connection, resource } = this
    let isAway = false
    if (resource?.tag) {
      try {
        await this.restartIce()
        return true
      } catch (error) {
        const failure = error as ClientError
        if (isGone(failure)) throw gone()
        isAway = isTransient(failure)
        if (!isAway && failure.status === undefined) throw failure
      }
    }
    // A new session is as good then, and counts as an attempt.
    if (connection.connectionState === 'failed') throw lost()
    if (!isAway && (await resource?.isThere()) === false) throw gone()
    return false
  }

  async #restart(): Promise<void> {
    const { connection, resource } = this
    if (!resource?.tag) throw new ClientError('unsupported', 'no restart')
    try {
      // The offer of an attempt that did not reach the server is still good.
      if (connection.signalingState === 'stable') {
        connection.restartIce()
        await connection.setLocalDescription()
      }
      const fragment = await resource.restart(this.#fragment())
      const sdp = restartedAnswer(connection.remoteDescription?.sdp ?? '', fragment)
      if (!sdp) throw new ClientError('failed', 'no credentials')
      await connection.setRemoteDescription({ type: 'answer', sdp })
    } catch (error) {
      const failure = ClientError.from(error)
      // There may be nothing to roll back.
      if (!isTransient(failure)) await connection.setLocalDescription({ type: 'rollback' }).catch(() => {})
      throw failure
    }
    this.#isSearching = true
    this.#trickleSoon()
  }

  async #release(error: ClientError): Promise<void> {
    clearTimeout(this.#timer)
    this.ended = true
    this.#finish(error)
    this.#host.pause.wake()
    if (error.code !== 'ended' && !isGone(error)) {
      // What was asked for may be granted yet.
      const left = this.#opening.then(() => this.resource?.leave())
      await Promise.race([left, new Pause().sleep(LEAVE_MS)])
    }
    this.connection.close()
  }
}

function noWay(): ClientError {
  return new ClientError('timeout', 'no connection')
}

function lost(): ClientError {
  return new ClientError('lost', 'the connection is lost')
}

function gone(): ClientError {
  return new ClientError('lost', 'the session is lost', { status: 404 })
}
