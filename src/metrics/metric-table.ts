/** Every metric there is. `docs/metrics.md` has the same table for people; a test keeps them in step. */
import type { MetricDefinition, MetricType } from './metric-family.js'

const metric = (name: string, type: MetricType, labels: readonly string[], help: string): MetricDefinition => ({
  name,
  type,
  help,
  labels,
})
const counter = (name: string, labels: readonly string[], help: string) => metric(name, 'counter', labels, help)
const gauge = (name: string, labels: readonly string[], help: string) => metric(name, 'gauge', labels, help)
const histogram = (name: string, labels: readonly string[], help: string) => metric(name, 'histogram', labels, help)

/** Broadcasts and sessions, as the control plane knows them. */
export const SESSION_METRICS = {
  broadcasts: gauge('manycast_broadcasts', ['state'], 'Broadcasts: live (somebody publishes) or idle.'),
  sessions: gauge('manycast_sessions', ['role', 'state'], 'Sessions that there are.'),
  relays: gauge('manycast_relay_sessions', ['role'], 'Those of them that are one end of a relay between servers.'),
  opened: counter('manycast_sessions_opened_total', ['role'], 'Sessions whose offers were answered.'),
  closed: counter('manycast_sessions_closed_total', ['role', 'reason'], 'Sessions that have ended, by why.'),
  refused: counter(
    'manycast_offers_refused_total',
    ['role', 'code'],
    'Offers that were refused, by the code of the error.',
  ),
  join: histogram(
    'manycast_join_seconds',
    ['role', 'stage'],
    'Time from an offer until it is answered, and until its session is connected.',
  ),
  health: gauge(
    'manycast_session_health',
    ['role', 'score'],
    'Sessions by their health score, 5 is best; of a health monitor.',
  ),
  draining: gauge('manycast_draining', [], '1 while no new sessions are taken.'),
} as const

/** Media, as the shards have counted it. */
export const MEDIA_METRICS = {
  rtpPackets: counter(
    'manycast_rtp_packets_total',
    ['direction'],
    'Authentic RTP packets from publishers (in) and to viewers (out).',
  ),
  rtpBytes: counter('manycast_rtp_bytes_total', ['direction'], 'Bytes of them, without headers of UDP and IP.'),
  rtcpPackets: counter('manycast_rtcp_packets_total', ['direction'], 'Compound RTCP packets.'),
  rtcpBytes: counter('manycast_rtcp_bytes_total', ['direction'], 'Bytes of them.'),
  datagrams: counter(
    'manycast_datagrams_total',
    ['direction'],
    'Everything that went through the media ports, TCP included.',
  ),
  datagramBytes: counter('manycast_datagram_bytes_total', ['direction'], 'Bytes of it.'),
  datagramsDropped: counter('manycast_datagrams_dropped_total', ['reason'], 'Datagrams dropped at the media ports.'),
  packetsDropped: counter(
    'manycast_packets_dropped_total',
    ['stage', 'reason'],
    'Packets of sessions that went no further: at the transport, from publishers (ingest), to viewers (egress).',
  ),
  pipePacketsDropped: counter(
    'manycast_pipe_packets_dropped_total',
    ['direction'],
    'Packets that engine threads could not give to others (out), or did not get from others (in), as too much waited there.',
  ),
  packetsLost: counter(
    'manycast_packets_lost_total',
    ['direction'],
    'Packets of publishers that did not come by themselves (in), packets that viewers report as lost (out).',
  ),
  packetsRepaired: counter(
    'manycast_packets_repaired_total',
    [],
    'Lost packets of publishers that came when they were asked for.',
  ),
  packetsGivenUp: counter('manycast_packets_given_up_total', [], 'Lost packets of publishers that never came.'),
  nacks: counter('manycast_nacks_total', ['direction'], 'NACK messages of viewers (in) and to publishers (out).'),
  nackedPackets: counter('manycast_nacked_packets_total', ['direction'], 'Packets that they asked for.'),
  retransmittedPackets: counter(
    'manycast_retransmitted_packets_total',
    ['direction'],
    'Packets of retransmission streams of publishers (in), packets sent to viewers again (out).',
  ),
  retransmittedBytes: counter('manycast_retransmitted_bytes_total', [], 'Bytes sent to viewers again.'),
  retransmissionsRefused: counter(
    'manycast_retransmissions_refused_total',
    ['reason'],
    'Packets that viewers asked for and that were not sent again.',
  ),
  keyframeRequests: counter(
    'manycast_keyframe_requests_total',
    ['direction', 'type'],
    'Keyframe requests of viewers (in) and to publishers (out).',
  ),
  keyframeRequestsMerged: counter(
    'manycast_keyframe_requests_merged_total',
    [],
    'Wishes for a keyframe that needed no request of their own.',
  ),
  keyframes: counter('manycast_keyframes_received_total', [], 'Keyframes of publishers.'),
  layerChanges: counter(
    'manycast_layer_changes_total',
    ['reason'],
    'Changes of what of a video is sent to a viewer, by why.',
  ),
  viewerStarts: counter(
    'manycast_viewer_starts_total',
    ['kind'],
    'Videos that began with a keyframe that was kept (instant), or had to wait for one (waited).',
  ),
  packetsPaced: counter('manycast_packets_paced_total', [], 'Packets that waited for the network of their viewer.'),
  rtt: histogram(
    'manycast_viewer_rtt_seconds',
    [],
    'Round trip times, one for each report of a viewer that gives one.',
  ),
  firstVideo: histogram(
    'manycast_first_video_seconds',
    [],
    'Time from the offer of a viewer of a live broadcast until its first video is forwarded.',
  ),
  estimates: gauge('manycast_viewers_estimated', [], 'Viewers whose bandwidth is estimated.'),
  estimatedBandwidth: gauge(
    'manycast_estimated_bandwidth_bytes_per_second',
    [],
    'The sum of the bandwidths estimated for viewers.',
  ),
  videos: gauge('manycast_viewer_videos', ['state'], 'Videos to viewers: live, or waiting for a keyframe.'),
  tcpConnections: gauge('manycast_tcp_connections_open', [], 'TCP connections to the media ports.'),
  tcpOutcomes: counter(
    'manycast_tcp_connections_total',
    ['outcome'],
    'TCP connections to the media ports, by what became of them.',
  ),
  socketErrors: counter('manycast_socket_errors_total', [], 'Errors that the media sockets reported.'),
  internalErrors: counter(
    'manycast_internal_errors_total',
    [],
    'Defects of manycast itself that ended a session; anything but 0 is worth a report.',
  ),
  shardSessions: gauge('manycast_shard_sessions', ['shard', 'role'], 'Sessions of each engine thread.'),
} as const

/** The same of some broadcasts; all others together are `(other)`. */
export const BROADCAST_METRICS = {
  sessions: gauge('manycast_broadcast_sessions', ['broadcast', 'role'], 'Connected sessions of the broadcast.'),
  rtpPackets: counter(
    'manycast_broadcast_rtp_packets_total',
    ['broadcast', 'direction'],
    'RTP packets of the broadcast.',
  ),
  rtpBytes: counter('manycast_broadcast_rtp_bytes_total', ['broadcast', 'direction'], 'Bytes of them.'),
  packetsLost: counter(
    'manycast_broadcast_packets_lost_total',
    ['broadcast', 'direction'],
    'Lost packets of the broadcast, as manycast_packets_lost_total.',
  ),
  retransmittedPackets: counter(
    'manycast_broadcast_retransmitted_packets_total',
    ['broadcast'],
    'Packets of the broadcast sent to viewers again.',
  ),
  keyframeRequests: counter(
    'manycast_broadcast_keyframe_requests_total',
    ['broadcast', 'direction'],
    'Keyframe requests of viewers (in) and to publishers (out) of the broadcast.',
  ),
  keyframes: counter('manycast_broadcast_keyframes_received_total', ['broadcast'], 'Keyframes of its publishers.'),
} as const

/** How much the machine has to do, where the Sfu says so. */
export const LOAD_METRICS = {
  utilization: gauge('manycast_utilization_ratio', [], 'The worst of the loads against its limit, 0 to 1.'),
  overloaded: gauge('manycast_overloaded', [], '1 while new viewers are refused because of load.'),
  cpu: gauge('manycast_cpu_utilization_ratio', [], 'CPU in use, of what the process may use, 0 to 1.'),
  eventLoopDelay: gauge(
    'manycast_event_loop_delay_seconds',
    ['thread'],
    'The longest event-loop delay but one of the last three seconds of a thread: control, or the number of a shard.',
  ),
  shardUtilization: gauge(
    'manycast_shard_utilization_ratio',
    ['shard'],
    'For which part of the time an engine thread is busy, 0 to 1.',
  ),
  loweredLayers: gauge(
    'manycast_lowered_layers',
    [],
    'How many of the best layers all viewers do without, because of load.',
  ),
  heapLimit: gauge('manycast_heap_limit_bytes', [], 'How far the heap of the control thread may grow.'),
  receiveDrops: gauge(
    'manycast_udp_receive_drops_per_second',
    [],
    'Datagrams that the kernel drops because the media sockets are not read fast enough.',
  ),
} as const

/** Relays, of those that `relays` gives. */
export const RELAY_METRICS = {
  relays: gauge(
    'manycast_relays',
    ['kind', 'state'],
    'Relays of this server: pull (media come in) and push (they go out).',
  ),
} as const

/** The cluster as this node sees it, of the option `cluster`. */
export const CLUSTER_METRICS = {
  nodes: gauge('manycast_cluster_nodes', ['state'], 'Nodes that are alive, this one included: active or draining.'),
  directory: gauge('manycast_cluster_directory_reachable', [], '1 while the directory answers.'),
  origins: gauge('manycast_cluster_origins', [], 'Publishers whose origin this node is.'),
  relays: gauge('manycast_cluster_relays', [], 'Broadcasts that this node pulls from others.'),
  redirected: counter('manycast_cluster_redirected_total', [], 'Clients that were sent to other nodes.'),
  refused: counter('manycast_cluster_refused_total', [], 'Viewers that no node had room for.'),
  passesRefused: counter(
    'manycast_cluster_passes_refused_total',
    [],
    'Tokens and tickets of nodes that were not taken.',
  ),
} as const

/** The process, under the names that Prometheus clients have in common. */
export const PROCESS_METRICS = {
  cpu: counter('process_cpu_seconds_total', [], 'CPU time of the process, user and system.'),
  rss: gauge('process_resident_memory_bytes', [], 'Resident memory of the process.'),
  heap: gauge('process_heap_bytes', [], 'Heap of the control thread in use.'),
  started: gauge('process_start_time_seconds', [], 'When the process was started, in seconds since the Unix epoch.'),
} as const

/** The parts of the table, as `docs/metrics.md` has them. */
export const METRIC_TABLES: Readonly<Record<string, Readonly<Record<string, MetricDefinition>>>> = {
  Sessions: SESSION_METRICS,
  Media: MEDIA_METRICS,
  Broadcasts: BROADCAST_METRICS,
  Load: LOAD_METRICS,
  Relays: RELAY_METRICS,
  Cluster: CLUSTER_METRICS,
  Process: PROCESS_METRICS,
}
