/** A browser and a server for the client's tests: as much of both as it uses, on virtual time. */
import { afterEach, beforeEach, vi } from 'vitest'

/** A request as the server got it. */
export interface SeenRequest {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly headers: Headers
  readonly body: string
}

const BASE = 'https://media.test'

/** A WHIP and WHEP server of a few lines. */
export class FakeServer {
  readonly requests: SeenRequest[] = []
  /** Paths of the sessions that live. */
  readonly sessions = new Set<string>()
  /** Requests fail as when nobody listens. */
  isDown = false
  /** The same for hosts of these names. */
  readonly downHosts = new Set<string>()
  /** What a 201 has besides its Location. */
  created: Record<string, string> = { etag: '"first"' }
  /** What comes first: a reply, or undefined to go on as usual. */
  before: (request: SeenRequest) => Response | Promise<Response> | undefined = () => undefined
  /** Offers are answered only when it resolves, though at once granted. */
  held: Promise<unknown> | undefined
  #count = 0

  readonly fetch = async (url: URL, init: RequestInit): Promise<Response> => {
    const { method = 'GET', body } = init
    const request = {
      method,
      host: url.hostname,
      path: url.pathname,
      headers: new Headers(init.headers),
      body: String(body ?? ''),
    }
    if (this.isDown || this.downHosts.has(url.hostname)) throw new TypeError('Failed to fetch')
    this.requests.push(request)
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
    })
    const granted = await Promise.race([this.before(request) ?? this.#answer(request), aborted])
    const response = init.signal && granted.body ? abortable(granted, init.signal) : granted
    if (method === 'POST') await this.held
    Object.defineProperty(response, 'url', { value: url.href })
    return response
  }

  /** Those with that method. */
  requestsBy(method: string): SeenRequest[] {
    return this.requests.filter((request) => request.method === method)
  }

  #answer({ method, path, body }: SeenRequest): Response {
    if (method === 'POST') {
      const location = `${path}/session${++this.#count}`
      this.sessions.add(location)
      return new Response(answerTo(body), { status: 201, headers: { location, ...this.created } })
    }
    if (!this.sessions.has(path)) return problem(404, 'session-not-found')
    if (method === 'DELETE') this.sessions.delete(path)
    if (method !== 'PATCH') return new Response('')
    if (ufragOf(body) === this.ufrag) return new Response(null, { status: 204 })
    this.ufrag = ufragOf(body)
    return new Response(`a=ice-ufrag:server-${this.ufrag}\r\na=ice-pwd:secret\r\n`, { headers: { etag: '"second"' } })
  }

  ufrag: string | undefined = 'ufrag1'
}

/** A refusal as our server writes it. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code, detail: `it is ${code}`, details: { limit: 'x' } }, { status, headers })
}

function ufragOf(sdp: string): string | undefined {
  return /a=ice-ufrag:(\S+)/.exec(sdp)?.[1]
}

function answerTo(offer: string): string {
  return offer.replace(/a=ice-ufrag:/g, 'a=ice-ufrag:server-').replace(/a=candidate:.*\r\n/g, '')
}

/** `response` with a body that ends in an error when the request is aborted. */
function abortable(response: Response, signal: AbortSignal): Response {
  return new Response(response.body?.pipeThrough(new TransformStream(), { signal }), response)
}

/** A promise and the ways to settle it. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}

/** A sender, or a receiver, as far as it is looked at. */
export class FakeSender {
  readonly transport = Object.assign(new EventTarget(), { state: 'new' })
  parameters: Record<string, unknown> = { encodings: [{}] }
  constructor(public track: unknown) {}
  replaceTrack = async (track: unknown): Promise<void> => {
    this.track = track
  }
  getParameters = () => ({ ...this.parameters })
  setParameters = async (parameters: Record<string, unknown>): Promise<void> => {
    this.parameters = parameters
  }
}

/** A transceiver, as far as it is looked at. */
class FakeTransceiver {
  preferred: readonly RTCRtpCodec[] | undefined
  constructor(
    readonly kind: string,
    readonly init: RTCRtpTransceiverInit,
    readonly sender: FakeSender,
  ) {}
  setCodecPreferences = (codecs: readonly RTCRtpCodec[]): void => {
    this.preferred = codecs
  }
}

/** A peer connection whose states the test sets. */
export class FakeConnection extends EventTarget {
  static all: FakeConnection[] = []
  /** The newest one. */
  static get last(): FakeConnection {
    return FakeConnection.all.at(-1) as FakeConnection
  }

  connectionState = 'new'
  signalingState = 'stable'
  localDescription: { sdp: string } | null = null
  remoteDescription: { type: string; sdp: string } | null = null
  readonly transceivers: FakeTransceiver[] = []
  readonly candidates: string[] = []
  rollbacks = 0
  isClosed = false
  /** `setRemoteDescription` rejects with it. */
  refusal: Error | undefined
  bytes = 0
  answers = 0
  #generation = 1

  constructor(public configuration: RTCConfiguration) {
    super()
    FakeConnection.all.push(this)
  }

  addTransceiver(trackOrKind: unknown, init: RTCRtpTransceiverInit) {
    const kind = typeof trackOrKind === 'string' ? trackOrKind : (trackOrKind as { kind: string }).kind
    const sender = new FakeSender(typeof trackOrKind === 'string' ? null : trackOrKind)
    const transceiver = new FakeTransceiver(kind, init, sender)
    this.transceivers.push(transceiver)
    return transceiver
  }

  getSenders = () => this.transceivers.map(({ sender }) => sender)
  getConfiguration = () => this.configuration
  setConfiguration = (configuration: RTCConfiguration): void => {
    this.configuration = configuration
  }
  restartIce = (): void => {
    this.#generation++
  }

  async setLocalDescription(description?: { type: string }): Promise<void> {
    if (description?.type === 'rollback') {
      this.rollbacks++
      this.signalingState = 'stable'
      return
    }
    const candidates = this.candidates.map((candidate) => `a=candidate:${candidate}\r\n`).join('')
    const sections = this.transceivers.map(
      ({ kind }, mid) =>
        `m=${kind} 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n${mid === 0 ? candidates : ''}` +
        `a=ice-ufrag:ufrag${this.#generation}\r\na=ice-pwd:pwd${this.#generation}\r\na=mid:${mid}\r\n`,
    )
    this.localDescription = { sdp: `v=0\r\na=group:BUNDLE 0 1\r\n${sections.join('')}` }
    this.signalingState = 'have-local-offer'
  }

  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    if (this.refusal) throw this.refusal
    this.remoteDescription = description
    this.signalingState = 'stable'
  }

  async getStats(): Promise<Map<string, unknown>> {
    if (this.isClosed) throw new DOMException('closed', 'InvalidStateError')
    const timestamp = Date.now()
    const pair = { type: 'candidate-pair', bytesReceived: this.bytes, responsesReceived: this.answers }
    const sent = { type: 'outbound-rtp', kind: 'audio', bytesSent: this.bytes }
    return new Map(Object.entries({ pair, sent }).map(([id, entry]) => [id, { id, timestamp, ...entry }]))
  }

  close(): void {
    this.isClosed = true
    this.connectionState = 'closed'
  }

  /** What the browser does. */
  become(state: string): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }

  /** The server's goodbye. */
  sayGoodbye(): void {
    const { transport } = (this.transceivers[0] as FakeTransceiver).sender
    transport.state = 'closed'
    transport.dispatchEvent(new Event('statechange'))
  }

  /** A candidate is found. */
  find(candidate: string): void {
    this.candidates.push(candidate)
    const sdp = this.localDescription?.sdp ?? ''
    this.localDescription = { sdp: sdp.replace(/(?=a=ice-ufrag)/, `a=candidate:${candidate}\r\n`) }
    this.dispatchEvent(new Event('icecandidate'))
  }

  /** A track of the server's arrives. */
  receive(track: EventTarget): void {
    this.dispatchEvent(Object.assign(new Event('track'), { track }))
  }
}

/** A stream, as far as it is looked at. */
export class FakeStream {
  readonly tracks: { kind: string }[]
  constructor(tracks: { kind: string }[] = []) {
    this.tracks = tracks
  }
  addTrack = (track: { kind: string }): void => {
    if (!this.tracks.includes(track)) this.tracks.push(track)
  }
  removeTrack = (track: { kind: string }): void => {
    if (this.tracks.includes(track)) this.tracks.splice(this.tracks.indexOf(track), 1)
  }
  getTracks = () => this.tracks
}

/** What `fakeBrowser` sets up for each test. */
export interface FakeBrowser {
  server: FakeServer
  page: EventTarget
}

/** Puts a browser around each test of the file, with a fresh server; chance is 0, so that a wait is half of what it may be. */
export function fakeBrowser(): FakeBrowser {
  const browser: FakeBrowser = { server: new FakeServer(), page: new EventTarget() }
  beforeEach(() => {
    vi.useFakeTimers()
    browser.server = new FakeServer()
    browser.page = new EventTarget()
    FakeConnection.all = []
    vi.spyOn(Math, 'random').mockReturnValue(0)
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(timeoutSignal)
    vi.stubGlobal('document', { baseURI: `${BASE}/page` })
    vi.stubGlobal('fetch', (url: URL, init: RequestInit) => browser.server.fetch(url, init))
    vi.stubGlobal('RTCPeerConnection', FakeConnection)
    vi.stubGlobal('MediaStream', FakeStream)
    vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => ({ codecs: CODECS }) })
    vi.stubGlobal('addEventListener', (...args: Parameters<EventTarget['addEventListener']>) =>
      browser.page.addEventListener(...args),
    )
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
    vi.useRealTimers()
  })
  return browser
}

/** As `AbortSignal.timeout`, by virtual time. */
function timeoutSignal(ms: number): AbortSignal {
  const abort = new AbortController()
  setTimeout(() => abort.abort(), ms)
  return abort.signal
}

/** What the browser can receive. */
export const CODECS = ['video/VP8', 'video/rtx', 'video/VP9', 'video/H264', 'video/H264', 'video/red'].map(
  (mimeType, index) => ({ mimeType, clockRate: 90_000, sdpFmtpLine: String(index) }),
)

/** Lets the newest connection come up, once the server has answered. */
export async function connect(): Promise<FakeConnection> {
  await pass(0)
  const connection = FakeConnection.last
  connection.become('connected')
  await pass(0)
  return connection
}

/** Lets virtual time pass, and everything that is promised by then happen. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}
