/** A clock with publishers and viewers around it: the beginning of every simulation. */
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import type { MediaConfig } from '../../../src/media/types.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { SimulatedPublisher, type SimulatedPublisherOptions } from './simulated-publisher.js'
import { SimulatedViewer, type SimulatedViewerOptions } from './simulated-viewer.js'

export class Stage {
  readonly config: MediaConfig
  readonly viewers: SimulatedViewer[] = []

  constructor(
    config: Partial<MediaConfig> = {},
    readonly clock = new VirtualClock(1_000_000),
  ) {
    this.config = { ...defaultMediaConfig(this.clock.unixOffsetMs), ...config }
  }

  get nowMs(): number {
    return this.clock.nowMs()
  }

  publisher(options: SimulatedPublisherOptions = {}): SimulatedPublisher {
    return new SimulatedPublisher(this.clock, this.config, options)
  }

  /** A viewer that waits: neither a source nor a transport yet. */
  viewer(options: SimulatedViewerOptions = {}): SimulatedViewer {
    const viewer = new SimulatedViewer(this.clock, this.config, { seed: this.viewers.length + 1, ...options })
    this.viewers.push(viewer)
    return viewer
  }

  /** A viewer that watches from now on. */
  join(publisher: SimulatedPublisher | undefined, options: SimulatedViewerOptions = {}): SimulatedViewer {
    const viewer = this.viewer(options)
    viewer.egress.setSource('main', publisher?.ingest, this.nowMs)
    viewer.egress.start(this.nowMs)
    return viewer
  }

  run(durationMs: number): void {
    this.clock.advance(durationMs)
  }
}
