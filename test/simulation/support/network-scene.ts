/** A camera and viewers behind networks, on virtual time: the beginning of every simulation of congestion control with media. */
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import type { MediaConfig } from '../../../src/media/types.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { BrowserViewer, type BrowserViewerOptions } from './browser-viewer.js'
import { SimulatedCamera, type SimulatedCameraOptions } from './simulated-camera.js'

/** The camera is on before anybody watches, so that its layers are known. */
const WARM_UP_MS = 2000

export class NetworkScene {
  readonly clock = new VirtualClock(1_000_000)
  readonly config: MediaConfig
  readonly camera: SimulatedCamera
  readonly viewers: BrowserViewer[] = []

  constructor(camera: SimulatedCameraOptions = {}, config: Partial<MediaConfig> = {}) {
    this.config = { ...defaultMediaConfig(this.clock.unixOffsetMs), ...config }
    this.camera = new SimulatedCamera(this.clock, this.config, camera)
    this.camera.start()
    this.clock.advance(WARM_UP_MS)
  }

  get nowMs(): number {
    return this.clock.nowMs()
  }

  /** A viewer that watches from now on. */
  join(options: BrowserViewerOptions = {}): BrowserViewer {
    const viewer = new BrowserViewer(this.clock, this.config, { seed: this.viewers.length + 1, ...options })
    this.viewers.push(viewer)
    viewer.egress.setSource('main', this.camera.ingest, this.nowMs)
    viewer.egress.start(this.nowMs)
    return viewer
  }

  run(durationMs: number): void {
    this.clock.advance(durationMs)
  }
}
