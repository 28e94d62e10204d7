/** A broadcast in a media element, by WHEP. */
import { ClientError } from './client-error.js'
import { ClientSession } from './client-session.js'
import type { LayerChoice, OfferedLayer } from './layer-choice.js'
import { type AutoplayBlock, Player } from './player.js'
import type { Resource } from './resource.js'
import type { ServerEventHandlers } from './server-events.js'
import type { SessionOptions, Urls } from './session-options.js'

/** Options of `watch`. */
export interface WatchOptions extends SessionOptions {
  /** Whether to receive audio, and video. Default true, both. */
  readonly audio?: boolean
  readonly video?: boolean
  /** The best that is wanted of the video, from the start; see `selectLayer`. Default: the server's choice. */
  readonly layer?: LayerChoice
}

/** What a viewer tells besides. */
export type ViewerEvents = {
  /** The browser does not play with sound, or not at all, before the user has touched the page: show a button that calls `unmute()`. */
  'autoplay-blocked': [blocked: AutoplayBlock]
  /** Whether somebody publishes. With `serverEvents`, as the following. */
  live: [isLive: boolean]
  /** How many watch. */
  viewers: [count: number]
  /** Which layers there are, by the number of the m-line. */
  layers: [layers: Readonly<Record<string, readonly OfferedLayer[]>>]
}

/** What `watch` returns. */
export class Viewer extends ClientSession<ViewerEvents> {
  /** @internal */
  declare readonly options: WatchOptions
  /** What is received. It stays the same; after a reconnect, its tracks are others. */
  readonly stream = new MediaStream()
  readonly #player: Player
  readonly #choices = new Map<string | undefined, LayerChoice>()
  /** @internal */
  override readonly serverEvents: ServerEventHandlers = {
    active: () => this.emit('live', true),
    inactive: () => this.emit('live', false),
    layers: (data) => this.emit('layers', Object(data)),
    viewercount: (data) => this.emit('viewers', Object(data).viewercount),
  }

  /** @internal */
  constructor(element: HTMLMediaElement, url: Urls, options: WatchOptions) {
    super(url, options, true)
    this.#player = new Player(element, this.stream, (blocked) => this.emit('autoplay-blocked', blocked))
    if (options.layer) void this.selectLayer(options.layer)
    this.start()
  }

  /** Plays with sound. To be called when the user clicks or taps, or the browser refuses; then it rejects as `play()` does. */
  unmute(): Promise<void> {
    return this.#player.unmute()
  }

  /**
   * Says what is wanted of a video at best, now and after reconnects; without an argument, leaves the choice to the server again.
   *
   * Rejects with a {@link ClientError}: `unsupported` where the server lets nobody choose, or what it refuses the choice with.
   */
  async selectLayer(choice: LayerChoice = {}): Promise<void> {
    if (this.resource) await this.#choose(this.resource, choice)
    this.#choices.set(choice.mediaId, choice)
  }

  /** @internal */
  override addTracks(connection: RTCPeerConnection): void {
    connection.addEventListener('track', ({ track }) => {
      const { stream } = this
      const before = () => stream.getTracks().find((other) => other.kind === track.kind)
      const show = () => {
        if (this.state === 'closed') return
        const old = before()
        stream.addTrack(track)
        if (old && old !== track) stream.removeTrack(old)
        void this.#player.show()
        this.flows()
      }
      if (!before()) stream.addTrack(track)
      // The picture before stays until there is another one. And an element that waits for its first one would hold up the load event of the page.
      if (track.muted) track.addEventListener('unmute', show, { once: true })
      else show()
    })
    for (const kind of ['video', 'audio'] as const)
      if (this.options[kind] ?? true) connection.addTransceiver(kind, { direction: 'recvonly' })
  }

  /** @internal */
  override onOpen(resource: Resource): void {
    super.onOpen(resource)
    // What it was asked for before; that there is no such layer any more is no reason to stop.
    for (const choice of this.#choices.values()) void this.#choose(resource, choice).catch(() => {})
  }

  /** @internal What nobody sends cannot be waited for. */
  protected override get isWell(): boolean {
    return this.stream.getTracks().every((track) => track.muted)
  }

  /** @internal */
  protected override clear(): void {
    this.#player.clear()
  }

  async #choose(resource: Resource, choice: LayerChoice): Promise<void> {
    const [url] = resource.linksTo('core:layer')
    if (!url) throw new ClientError('unsupported', 'no layers')
    await this.http.postJson(url, choice)
  }
}
