/** The replay windows of all SSRCs that one set of keys has authenticated, bounded in number. */
import { ReplayWindow } from './replay-window.js'

/**
 * A window per SSRC. Windows are never dropped to make room for others: an SSRC without its window would accept replays. The
 * caller asks for room before it makes one.
 */
export class SsrcWindows {
  readonly #windows = new Map<number, ReplayWindow>()

  /** @param limit how many SSRCs at most; @param windowSize see {@link ReplayWindow}. */
  constructor(
    readonly limit: number,
    readonly windowSize: number,
  ) {}

  /** How many SSRCs have a window. */
  get size(): number {
    return this.#windows.size
  }

  /** Whether there is no room for another SSRC. */
  get full(): boolean {
    return this.#windows.size >= this.limit
  }

  /** The window of `ssrc`, if anything of it was authenticated. */
  get(ssrc: number): ReplayWindow | undefined {
    return this.#windows.get(ssrc)
  }

  /** A new window for `ssrc`, which has none. */
  add(ssrc: number): ReplayWindow {
    const window = new ReplayWindow(this.windowSize)
    this.#windows.set(ssrc, window)
    return window
  }
}
