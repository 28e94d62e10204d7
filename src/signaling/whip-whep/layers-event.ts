/** The `layers` event of WHEP: which layers there are of each video, by the number of its m-line. */
import type { SectionLayers } from '../../broadcast/signaling-target.js'
import type { PeekedSection } from '../../sdp/peek-sections.js'

/** A layer as the draft writes it; one without `bitrate` is inactive. */
export interface WhepLayer {
  readonly rid?: string
  readonly spatialLayerId?: number
  readonly temporalLayerId?: number
  readonly bitrate?: number
  readonly width?: number
  readonly height?: number
}

/** The data of the event; m-lines without anything are left out. */
export type WhepLayers = Record<string, WhepLayer[]>

type Layer = SectionLayers['layers'][number]

/** @param sections the m-lines of the viewer's answer. */
export function whepLayers(available: readonly SectionLayers[], sections: readonly PeekedSection[]): WhepLayers {
  const data: WhepLayers = {}
  for (const { mid, layers } of available) {
    const index = sections.findIndex((section) => section.mid === mid)
    if (index >= 0 && layers.length > 0) data[String(index)] = layers.flatMap(partsOf)
  }
  return data
}

/** Which layers there are and whether they are active, without the bitrates, which change all the time. */
export function layersKey(data: WhepLayers): string {
  return JSON.stringify(data, (name, value: unknown) => (name === 'bitrate' ? Number(value) > 0 : value))
}

function partsOf(layer: Layer): WhepLayer[] {
  const { rid, live, width, height, sublayers } = layer
  const name = rid === undefined ? {} : { rid }
  const rate = (bps: number | undefined) => (live && bps !== undefined && bps > 0 ? { bitrate: Math.round(bps) } : {})
  if (sublayers.length === 0) {
    // One of the three has to be there.
    const ids = rid === undefined ? { spatialLayerId: 0, temporalLayerId: 0 } : {}
    return [{ ...name, ...ids, ...rate(layer.bitrateBps), ...sizeOf(width, height, 1) }]
  }
  const top = Math.max(...sublayers.map(({ spatialId }) => spatialId))
  return sublayers.map(({ spatialId, temporalId, bitrateBps }) => ({
    ...name,
    spatialLayerId: spatialId,
    temporalLayerId: temporalId,
    ...rate(bitrateBps),
    // Each spatial layer halves the one above it.
    ...sizeOf(width, height, 2 ** (spatialId - top)),
  }))
}

function sizeOf(
  width: number | undefined,
  height: number | undefined,
  scale: number,
): { width?: number; height?: number } {
  if (width === undefined || height === undefined) return {}
  return { width: Math.round(width * scale), height: Math.round(height * scale) }
}
