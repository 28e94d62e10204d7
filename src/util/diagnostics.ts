/** Channels of `node:diagnostics_channel`: what happens, for tracing and tools that look on without the application's doing. */
import diagnosticsChannel from 'node:diagnostics_channel'

const channels = new Map<string, diagnosticsChannel.Channel>()

/**
 * Publishes a message on the channel of that name, if anybody has subscribed; `docs/metrics.md` lists them. What a subscriber throws is an
 * `uncaughtException`, as Node has it.
 */
export function publish(name: `manycast:${string}`, message: object): void {
  let channel = channels.get(name)
  if (channel === undefined) {
    channel = diagnosticsChannel.channel(name)
    channels.set(name, channel)
  }
  if (channel.hasSubscribers) channel.publish(message)
}
