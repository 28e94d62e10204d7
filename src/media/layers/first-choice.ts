/** What a viewer begins with, while nothing is known of its network, or of what the publisher sends. */
import {
  type AllocationInput,
  type LayerChoice,
  type VideoDemand,
  type VideoPreference,
  wantedLayers,
} from './allocation.js'
import { LayerAllocator } from './layer-allocator.js'

/** The first layer, as much of it as the viewer wants: for a video of which nothing is measured yet. */
export function firstLayer(preference: VideoPreference): LayerChoice {
  return { layer: 0, ...wantedLayers(preference) }
}

/**
 * Of each video the least layer that is there, as much of it as the viewer wants and may have, whatever its network carries: the first
 * estimates are guesses.
 */
export function firstChoices(
  input: Omit<AllocationInput, 'targetBps' | 'carriedBps'>,
  nowMs: number,
): readonly LayerChoice[] {
  const unknown = { targetBps: Number.POSITIVE_INFINITY, carriedBps: Number.POSITIVE_INFINITY }
  const videos = input.videos.map(leastAlone)
  const { choices } = new LayerAllocator().allocate({ ...input, ...unknown, videos }, nowMs)
  return videos.map(({ layers, preference }, i) => {
    const layer = Math.max(
      0,
      layers.findIndex(({ info }) => info.alive),
    )
    const choice = choices[i]
    const isMeasured = (layers[layer]?.info.sublayers.length ?? 0) > 0
    return choice?.layer === layer && isMeasured ? choice : { ...firstLayer(preference), layer }
  })
}

/** The video as if it had no other layer than the least. */
function leastAlone(video: VideoDemand): VideoDemand {
  const least = video.layers.findIndex(({ info }) => info.alive)
  const layers = video.layers.map((layer, i) =>
    i > least ? { ...layer, info: { ...layer.info, alive: false } } : layer,
  )
  return { ...video, layers }
}
