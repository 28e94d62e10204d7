/** A viewer that goes to another server when its own asks for that: opens the next session, and leaves the old one a second after media have come there. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Viewer } from './viewer.mjs'

const LOOK_MS = 20
const LINGER_MS = 1000
const RETRY_MS = 250

export class MovingViewer {
  /** The longest time in which no packet came, over whatever session. */
  longestGapMs = 0
  #urls
  #at = 0
  #viewers = []
  #received = 0
  #lastMs = performance.now()
  #timer
  #aborts = new AbortController()

  /** @param {string[]} urls where the same is to be had, the present server first */
  constructor(urls) {
    this.#urls = urls
  }

  async start() {
    await this.#join()
    this.#lastMs = performance.now()
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  /** Whether it has left the first server, and is not between two. */
  get isElsewhere() {
    return this.#at > 0 && this.#viewers.length === 1
  }

  forgetGaps() {
    this.longestGapMs = 0
  }

  async close() {
    clearInterval(this.#timer)
    this.#aborts.abort()
    await Promise.all(this.#viewers.map((viewer) => viewer.close()))
  }

  #look() {
    const nowMs = performance.now()
    this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.#lastMs)
    const received = this.#viewers.reduce((sum, viewer) => sum + viewer.received, 0)
    if (received === this.#received) return
    this.#received = received
    this.#lastMs = nowMs
  }

  async #join() {
    const viewer = new Viewer(50, () => {})
    await viewer.join(this.#urls[this.#at], 'both')
    this.#viewers.push(viewer)
    void this.#listen(viewer.sessionUrl)
    return viewer
  }

  async #listen(sessionUrl) {
    const { signal } = this.#aborts
    const headers = { 'content-type': 'application/json' }
    const created = await fetch(`${sessionUrl}/events`, { method: 'POST', headers, body: '["reconnect"]', signal })
    const stream = new URL(created.headers.get('location'), sessionUrl)
    let text = ''
    try {
      for await (const chunk of (await fetch(stream, { signal })).body) {
        text += Buffer.from(chunk).toString()
        if (text.includes('event: reconnect')) return await this.#move()
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #move() {
    const [before] = this.#viewers
    this.#at++
    for (;;) {
      const next = await this.#join().catch(() => undefined)
      while (next && next.received === 0) await sleep(LOOK_MS)
      await sleep(next ? LINGER_MS : RETRY_MS)
      if (next) break
    }
    this.#received -= before.received
    this.#viewers.shift()
    await before.close()
  }
}
