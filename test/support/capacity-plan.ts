/** The arithmetic of docs/capacity-planning.md: from what is put in, what comes out. */

/** What is put in. */
export interface CapacityInputs {
  readonly viewers: number
  readonly videoPacketsPerSecond: number
  readonly videoPayloadBytes: number
  readonly audioPacketsPerSecond: number
  readonly audioPayloadBytes: number
  /** RTP with extensions, SRTP, UDP and IP. */
  readonly headerBytes: number
  readonly cpuUsPerPacket: number
  /** Which part of a core is planned with. */
  readonly coreShare: number
  readonly coresPerNode: number
  /** Of those, for media. */
  readonly mediaCores: number
  readonly failingShare: number
  /** Which part of the seats is left free for what comes at once, and for what is spread unevenly. */
  readonly freeShare: number
  /** How much more all layers of a publisher are than what a viewer is sent. */
  readonly layersFactor: number
  readonly fanOut: number
}

/** The inputs of the page. */
export const CAPACITY_INPUTS: CapacityInputs = {
  viewers: 1_000_000,
  videoPacketsPerSecond: 250,
  videoPayloadBytes: 1100,
  audioPacketsPerSecond: 50,
  audioPayloadBytes: 80,
  headerBytes: 66,
  cpuUsPerPacket: 7.5,
  coreShare: 0.6,
  coresPerNode: 10,
  mediaCores: 9,
  failingShare: 0.05,
  freeShare: 0.1,
  layersFactor: 1.4,
  fanOut: 32,
}

/** What comes out. */
export function capacityPlan(inputs: CapacityInputs = CAPACITY_INPUTS) {
  const { videoPacketsPerSecond, audioPacketsPerSecond, headerBytes, viewers } = inputs
  const packetsPerSecond = videoPacketsPerSecond + audioPacketsPerSecond
  const bytesPerSecond =
    videoPacketsPerSecond * (inputs.videoPayloadBytes + headerBytes) +
    audioPacketsPerSecond * (inputs.audioPayloadBytes + headerBytes)
  const viewerBps = bytesPerSecond * 8
  const viewersPerCore = Math.floor((inputs.coreShare * 1_000_000) / (inputs.cpuUsPerPacket * packetsPerSecond))
  const viewersPerNode = viewersPerCore * inputs.mediaCores
  // Seats in round numbers, with some of the node left for relays and joins.
  const capacity = Math.floor((viewersPerNode * 0.85) / 100) * 100
  const nodes = Math.ceil(viewers / (capacity * (1 - inputs.failingShare) * (1 - inputs.freeShare)))
  const relayBps = viewerBps * inputs.layersFactor
  return {
    packetsPerSecond,
    viewerBps,
    viewersPerCore,
    viewersPerNode,
    capacity,
    nodes,
    cores: nodes * inputs.coresPerNode,
    fullNodeBps: capacity * viewerBps,
    totalBps: viewers * viewerBps,
    gigabytesPerViewerHour: (viewerBps / 8) * 3600 * 1e-9,
    relays: nodes - 1,
    relayBps,
    relayTotalBps: (nodes - 1) * relayBps,
    originPacketsPerSecond: inputs.fanOut * packetsPerSecond * inputs.layersFactor,
    originBps: inputs.fanOut * relayBps,
    /** Of a core, at the origin, for its relays. */
    originCoreShare: (inputs.fanOut * packetsPerSecond * inputs.layersFactor * inputs.cpuUsPerPacket) / 1_000_000,
    relayShareOfTraffic: ((nodes - 1) * relayBps) / (viewers * viewerBps),
  }
}
