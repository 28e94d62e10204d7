/** What a session sends or receives, from the statistics of its connection. */

/** One layer of what is published, or the one that is received. */
export interface LayerStats {
  /** Undefined without simulcast. */
  readonly rid: string | undefined
  readonly bitrateBps: number
  readonly framesPerSecond: number
  /** In pixels; 0 while there is no picture. */
  readonly width: number
  readonly height: number
}

/** A snapshot; rates are those since the one before, and 0 in the first one. */
export interface ClientStats {
  /** Of audio and video, without headers. */
  readonly bitrateBps: number
  /** The share of packets that were lost on the way here, or lately on the way to the server, as that reports it; 0 to 1. */
  readonly lossRatio: number
  /** To the server and back; undefined while unknown. */
  readonly roundTripMs: number | undefined
  /** Of the video, largest first. */
  readonly layers: readonly LayerStats[]
}

/** What has happened between two reports of the same connection. */
export function clientStats(report: RTCStatsReport, before: RTCStatsReport | undefined): ClientStats {
  let bitrateBps = 0
  let received = 0
  let lost = 0
  let lossRatio = 0
  let roundTripMs: number | undefined
  const layers: LayerStats[] = []
  for (const entry of report.values()) {
    const earlier = before?.get(entry.id) ?? {}
    const growth = (name: string) => entry[name] - earlier[name] || 0
    const rate = (name: string) => (1000 * growth(name)) / growth('timestamp') || 0
    if (/^(in|out)bound/.test(entry.type)) {
      // Of the two, only one is there.
      const layerBps = 8 * (rate('bytesReceived') + rate('bytesSent'))
      bitrateBps += layerBps
      received += growth('packetsReceived')
      lost += growth('packetsLost')
      if (entry.kind === 'video') {
        const { rid, frameWidth: width = 0, frameHeight: height = 0 } = entry
        const framesPerSecond = rate('framesDecoded') + rate('framesSent')
        layers.push({ rid, bitrateBps: layerBps, framesPerSecond, width, height })
      }
    }
    // What the server reports of a publisher.
    lossRatio = Math.max(lossRatio, entry.fractionLost ?? 0)
    if (entry.nominated) roundTripMs = entry.currentRoundTripTime * 1000 || undefined
  }
  if (lost > 0) lossRatio = lost / (lost + received)
  layers.sort((a, b) => b.width - a.width)
  return { bitrateBps, lossRatio, roundTripMs, layers }
}
