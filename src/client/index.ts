/** `manycast/client`: publish to a server, and watch, in a browser. Speaks WHIP and WHEP to any server that does. */
import { Publisher, type PublishOptions } from './publisher.js'
import type { Urls } from './session-options.js'
import { Viewer, type WatchOptions } from './viewer.js'

export type { BackoffOptions } from './backoff.js'
export { ClientError, type ClientErrorFacts } from './client-error.js'
export type { ClientSession, SessionEvents, SessionState } from './client-session.js'
export type { Emitter, EventMap } from './emitter.js'
export type { TokenSource } from './http.js'
export type { LayerChoice, OfferedLayer } from './layer-choice.js'
export type { AutoplayBlock } from './player.js'
export type { Publisher, PublishOptions } from './publisher.js'
export type { VideoEncodingOptions } from './send-encodings.js'
export type { ReconnectOptions, SessionOptions, Urls } from './session-options.js'
export type { ClientStats, LayerStats } from './stats.js'
export type { Viewer, ViewerEvents, WatchOptions } from './viewer.js'

/**
 * Publishes `stream` at the WHIP endpoint `url`, and keeps it published until it is closed.
 *
 * Returns at once; what becomes of it is told by events and by `whenConnected()`. The tracks stay yours: stop them when you are done.
 *
 * @example
 * ```ts
 * const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
 * const publisher = publish(stream, '/whip/stage', { token, simulcast: 3 })
 * publisher.on('state', (state, error) => console.log(state, error?.message))
 * await publisher.close()
 * ```
 *
 * @throws TypeError for an URL that is none.
 */
export function publish(stream: MediaStream, url: Urls, options: PublishOptions = {}): Publisher {
  return new Publisher(stream, url, options)
}

/**
 * Shows what is broadcast at the WHEP endpoint `url` in `element`, a video or an audio element, until it is closed.
 *
 * Returns at once; what becomes of it is told by events and by `whenConnected()`. It plays with sound if the browser allows that, else without.
 *
 * @example
 * ```ts
 * const viewer = watch(document.querySelector('video'), '/whep/stage')
 * viewer.on('autoplay-blocked', () => (button.hidden = false))
 * button.onclick = () => viewer.unmute()
 * await viewer.selectLayer({ maxHeight: 360 })
 * ```
 *
 * @throws TypeError for an URL that is none.
 */
export function watch(element: HTMLMediaElement, url: Urls, options: WatchOptions = {}): Viewer {
  return new Viewer(element, url, options)
}
