/** A session as a line of the dashboard's table. */
import type { SessionHealth } from '../../metrics/index.js'
import type { SessionInfo, SessionStats } from './dashboard-target.js'

/** Plain values of a bounded size; what is not known is left out. */
export interface SessionRow
  extends Pick<SessionInfo, 'id' | 'role' | 'broadcast' | 'as' | 'state' | 'createdAt' | 'connectedAt' | 'address'> {
  /** The application's metadata as JSON, cut off where it is long; absent where there are none, and for relays. */
  readonly metadata?: string
  /** Of a relay: the node at its other end; empty where it is not known. */
  readonly relay?: string
  readonly protocol?: string
  /** What a publisher sends, or a viewer gets. */
  readonly bitrateBps?: number
  /** 0 to 1. */
  readonly loss?: number
  readonly rttMs?: number
  readonly codec?: string
  /** What a viewer's video is sent as: `mid:rid` where the publisher names its layers, and its size where it is known. */
  readonly layer?: string
  readonly health?: Pick<SessionHealth, 'score' | 'level' | 'reason'>
}

const MAX_METADATA_LENGTH = 200

/** The line of a session; `stats` and `health` are undefined where they could not be had. */
export function sessionRow(
  info: SessionInfo,
  stats: SessionStats | undefined,
  health?: SessionHealth | undefined,
): SessionRow {
  const { id, role, broadcast, as, state, createdAt, connectedAt, address } = info
  const relay = info.relay && (info.relay.path.at(-1) ?? '').slice(0, MAX_METADATA_LENGTH)
  const metadata = JSON.stringify(info.metadata).slice(0, MAX_METADATA_LENGTH)
  const flow = stats?.ingest ?? stats?.egress
  const rttMs = stats?.egress?.rttMs ?? stats?.transport?.rttMs
  const protocol = stats?.transport?.protocol
  const video = stats?.egress?.tracks.find(({ kind }) => kind === 'video')
  const codec = video?.codec ?? stats?.ingest?.layers.find(({ kind }) => kind === 'video')?.codec
  const layer = stats?.ingest ? publishedLayers(stats.ingest) : video && sentLayer(video)
  return {
    id,
    role,
    broadcast,
    ...(as === undefined ? {} : { as }),
    state,
    createdAt,
    ...(connectedAt === undefined ? {} : { connectedAt }),
    ...(address === undefined ? {} : { address }),
    ...(relay === undefined ? (metadata === '{}' ? {} : { metadata }) : { relay }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(flow === undefined ? {} : { bitrateBps: Math.round(flow.bitrateBps), loss: flow.fractionLost }),
    ...(rttMs === undefined ? {} : { rttMs: Math.round(rttMs * 10) / 10 }),
    ...(codec === undefined ? {} : { codec }),
    ...(layer === undefined ? {} : { layer }),
    ...(health === undefined ? {} : { health: { score: health.score, level: health.level, reason: health.reason } }),
  }
}

type Ingest = NonNullable<SessionStats['ingest']>
type SentTrack = NonNullable<SessionStats['egress']>['tracks'][number]

/** How many layers of video come in. */
function publishedLayers({ layers }: Ingest): string | undefined {
  const count = layers.filter(({ kind, bitrateBps }) => kind === 'video' && bitrateBps > 0).length
  return count === 0 ? undefined : count === 1 ? '1 layer' : `${count} layers`
}

function sentLayer({ live, rid, layers = [] }: SentTrack): string | undefined {
  if (!live) return 'none'
  const { width, height } = layers.find((layer) => layer.rid === rid) ?? {}
  const size = width === undefined || height === undefined ? undefined : `${width}×${height}`
  return [rid, size].filter((part) => part !== undefined).join(' · ') || undefined
}
