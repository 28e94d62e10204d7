/** Several nodes of a cluster in one process, without sockets and on virtual time; relays go through the handlers of the nodes. */
import type { Broadcast } from '../../src/broadcast/broadcast.js'
import type { Session } from '../../src/broadcast/session.js'
import { Sfu } from '../../src/broadcast/sfu.js'
import type { SfuOptions } from '../../src/broadcast/sfu-options.js'
import { ClusterNode } from '../../src/cluster/cluster-node.js'
import type { ClusterOptions } from '../../src/cluster/cluster-options.js'
import { memoryDirectory } from '../../src/cluster/directory/memory-directory.js'
import type { PulledMedia, PullMediaOptions, PullSource } from '../../src/cluster/pull-media.js'
import type { Directory } from '../../src/cluster/types.js'
import type { EngineListener } from '../../src/engine/types.js'
import { BroadcastError } from '../../src/errors.js'
import { FakeEngine } from '../../src/testing/fake-engine.js'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from './offers.js'

/** What relays wait before they try again. */
const RETRY_MS = 250

/** A directory that can be taken away, from all nodes or from one of them. */
class Switchable {
  readonly #directory: Directory
  readonly #awayFor = new Set<string>()
  calls = 0

  constructor(directory: Directory) {
    this.#directory = directory
  }

  setAway(node: string, away: boolean): void {
    if (away) this.#awayFor.add(node)
    else this.#awayFor.delete(node)
  }

  /** The directory as that node sees it. */
  face(node: string): Directory {
    const isAway = (): boolean => this.#awayFor.has(node)
    return new Proxy(this.#directory, {
      get: (target, name) => {
        if (name === 'watch') {
          return (listener: (broadcast: string) => void) =>
            target.watch((broadcast) => {
              if (!isAway()) listener(broadcast)
            })
        }
        return async (...args: unknown[]) => {
          this.calls++
          if (isAway()) throw new BroadcastError('directory-unavailable', 'the directory is away')
          return (target as unknown as Record<string | symbol, (...given: unknown[]) => unknown>)[name]?.(...args)
        }
      },
    })
  }
}

/** A node of the scene. */
export interface SceneNode {
  readonly name: string
  readonly url: string
  readonly sfu: Sfu
  readonly engine: FakeEngine
  readonly node: ClusterNode
  /** What `sfu.load` and `sfu.draining` say. */
  readonly load: { utilization: number; overloaded: boolean; draining: boolean }
  /** Everything that `pull` has begun here, in order. */
  readonly pulls: readonly ScenePull[]
  /** An offer to the WHIP endpoint of broadcast `x`. */
  publish(query?: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** An offer to the WHEP endpoint of broadcast `x`. */
  watch(query?: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** The session that a 201 names. */
  session(response: Response): Session
  /** Lets the session connect. */
  connect(response: Response): Session
}

/** See the top of the file. */
export class ClusterScene {
  readonly clock = new VirtualClock()
  readonly directory = memoryDirectory({ clock: this.clock })
  readonly switch = new Switchable(this.directory)
  readonly nodes = new Map<string, SceneNode>()
  readonly dead = new Set<string>()

  /** Adds a node at `http://<name>`. */
  async add(name: string, options: Partial<ClusterOptions> = {}, sfuOptions: SfuOptions = {}): Promise<SceneNode> {
    const url = `http://${name}`
    let engine: FakeEngine | undefined
    const createEngine = (_config: unknown, listener: EngineListener): FakeEngine => {
      engine = new FakeEngine(listener)
      return engine
    }
    const load = { utilization: 0, overloaded: false, draining: false }
    const sfu = Object.defineProperties(new Sfu(sfuOptions, createEngine, this.clock), {
      load: { value: () => load },
      draining: { get: () => load.draining },
    })
    const pulls: ScenePull[] = []
    const pull = (broadcast: Broadcast, pulled: PullMediaOptions): ScenePull => {
      const made = new ScenePull(this, name, broadcast, engine as FakeEngine, pulled)
      pulls.push(made)
      return made
    }
    const directory = this.switch.face(name)
    const node = new ClusterNode(sfu, { nodeUrl: url, directory, ...options }, { pull, time: this.clock })
    const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
      this.request(`${url}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/sdp', ...headers },
      })
    const session = (response: Response): Session => {
      const id = response.headers.get('location')?.split('/').at(-1) ?? ''
      return sfu.session(id) as Session
    }
    const scene: SceneNode = {
      name,
      url,
      sfu,
      engine: engine as unknown as FakeEngine,
      node,
      load,
      pulls,
      publish: (query = '', headers) => post(`/whip/x${query}`, PUBLISHER_OFFER, headers),
      watch: (query = '', headers) => post(`/whep/x${query}`, VIEWER_OFFER, headers),
      session,
      connect: (response) => {
        const opened = session(response)
        scene.engine.simulateState(opened.id, 'connected')
        return opened
      },
    }
    this.nodes.set(name, scene)
    await node.ready()
    // So that all know each other from the start.
    await Promise.all([...this.nodes.values()].map((other) => other.node.ready()))
    return scene
  }

  /** What a client's request is answered with; rejects if the node is dead. */
  async request(url: string, init: RequestInit): Promise<Response> {
    const scene = this.nodes.get(new URL(url).host)
    if (scene === undefined || this.dead.has(scene.name)) throw new TypeError('fetch failed')
    return scene.node.handler(new Request(url, init))
  }

  /** As a browser does it: without the Authorization header, which is for the first origin only. */
  async followed(response: Response, offer: string): Promise<Response> {
    const location = response.headers.get('location') ?? ''
    return this.request(location, { method: 'POST', body: offer, headers: { 'content-type': 'application/sdp' } })
  }

  /** The process of a node is gone: it says no more, and its media stop. */
  kill({ name }: SceneNode): void {
    this.dead.add(name)
    this.switch.setAway(name, true)
    for (const { pulls } of this.nodes.values()) for (const pull of pulls) pull.onNodeDead(name)
  }

  /** Lets everything happen that waits for nothing but its turn. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Lets time pass. */
  async advance(durationMs: number, stepMs = 100): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
      this.clock.advance(Math.min(stepMs, durationMs - passedMs))
      await this.settle()
    }
  }

  async close(): Promise<void> {
    for (const { node, sfu } of this.nodes.values()) {
      await node.close()
      await sfu.close()
    }
  }
}

/** A relay without media: it asks the other node for a session as a real one would, and has a publisher's session here. */
export class ScenePull implements PulledMedia {
  connected = false
  closed = false
  readonly over = false
  /** The node that it hangs on, and how many times it has tried. */
  from: string | undefined
  attempts = 0
  readonly #scene: ClusterScene
  readonly #name: string
  readonly #broadcast: Broadcast
  readonly #engine: FakeEngine
  readonly #options: PullMediaOptions
  #upstream: Session | undefined
  #local: Session | undefined
  #cancel = (): void => {}

  constructor(scene: ClusterScene, name: string, broadcast: Broadcast, engine: FakeEngine, options: PullMediaOptions) {
    this.#scene = scene
    this.#name = name
    this.#broadcast = broadcast
    this.#engine = engine
    this.#options = options
    void this.#try()
  }

  moveTo(source: PullSource): void {
    this.#cancel()
    void this.#open(source)
  }

  async close(): Promise<void> {
    this.closed = true
    this.#cancel()
    this.connected = false
    await this.#local?.close()
    await this.#upstream?.close()
  }

  onNodeDead(name: string): void {
    if (this.from !== name || this.closed || this.#name === name) return
    this.#lost()
  }

  async #try(): Promise<void> {
    if (this.closed) return
    try {
      await this.#open(await this.#options.source())
    } catch {
      this.#later()
    }
  }

  async #open(source: PullSource): Promise<void> {
    this.attempts++
    const before = { upstream: this.#upstream, local: this.#local }
    try {
      const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${source.token()}` }
      const response = await this.#scene.request(`${source.nodeUrl}/whep/x`, {
        method: 'POST',
        body: VIEWER_OFFER,
        headers,
      })
      if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
      const parent = this.#scene.nodes.get(new URL(source.nodeUrl).host) as SceneNode
      const { session } = await this.#broadcast.addPublisher(PUBLISHER_OFFER, { as: this.#options.publisher })
      this.#options.onSession(session)
      const upstream = parent.connect(response)
      if (this.closed) {
        await Promise.all([upstream.close(), session.close()])
        return
      }
      this.#upstream = upstream
      this.#local = session
      this.from = parent.name
      upstream.once('closed', () => this.#upstream === upstream && this.#lost())
      this.#engine.simulateState(session.id, 'connected')
      this.connected = true
      this.#options.onChange()
      await before.upstream?.close()
    } catch {
      this.#later()
    }
  }

  #lost(): void {
    this.#upstream = undefined
    if (this.closed) return
    this.connected = false
    this.#options.onChange()
    this.#later()
  }

  #later(): void {
    this.#cancel()
    if (!this.closed) this.#cancel = this.#scene.clock.setTimer(RETRY_MS, () => void this.#try())
  }
}
