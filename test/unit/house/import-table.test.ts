/** The plan of the house, enforced: who may import whom. `docs/architecture.md` has the same table for people. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSourceFile, roomOf, type SourceFile, sourceFiles } from './source-files.js'

interface Row {
  /** Rooms whose files it may import, besides its own; 'any' for all. */
  readonly rooms: readonly string[] | 'any'
  /** Packages and builtins it may import; a single 'node:*' allows all builtins. */
  readonly packages: readonly string[]
}

const TABLE: Readonly<Record<string, Row>> = {
  'index.ts': { rooms: ['broadcast', 'engine', 'taps', 'errors.ts'], packages: [] },
  'errors.ts': { rooms: [], packages: [] },
  // node:net only for isIP, which is a pure function; so in sdp.
  util: {
    rooms: ['errors.ts'],
    packages: [
      'debug',
      'eventemitter3',
      'node:net',
      'node:crypto',
      'node:perf_hooks',
      'node:v8',
      'node:diagnostics_channel',
    ],
  },
  rtp: { rooms: ['util'], packages: [] },
  sdp: { rooms: ['rtp', 'util', 'errors.ts'], packages: ['node:net'] },
  media: { rooms: ['rtp', 'util', 'errors.ts'], packages: [] },
  transport: { rooms: ['rtp', 'util', 'errors.ts'], packages: ['node:*'] },
  engine: { rooms: ['media', 'transport', 'sdp', 'rtp', 'util', 'errors.ts'], packages: ['node:*'] },
  taps: { rooms: ['media', 'rtp', 'util', 'errors.ts'], packages: [] },
  broadcast: { rooms: ['engine', 'taps', 'relay', 'util', 'errors.ts'], packages: ['node:*'] },
  relay: { rooms: ['engine', 'util', 'errors.ts'], packages: [] },
  cluster: { rooms: ['broadcast', 'relay', 'signaling', 'util', 'errors.ts'], packages: ['node:crypto'] },
  metrics: { rooms: ['broadcast', 'engine', 'signaling', 'util', 'errors.ts'], packages: ['node:*'] },
  sources: { rooms: ['media', 'transport', 'rtp', 'util', 'errors.ts'], packages: ['node:*'] },
  recording: { rooms: ['taps', 'media', 'rtp', 'util', 'errors.ts'], packages: ['node:*'] },
  signaling: { rooms: ['broadcast', 'relay', 'sdp', 'util', 'errors.ts'], packages: ['node:*'] },
  client: { rooms: [], packages: [] },
  cli: { rooms: 'any', packages: ['node:*'] },
  testing: { rooms: 'any', packages: ['node:*', 'werift'] },
}

/** Where a room may look into a few files of another one only. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'broadcast -> engine': ['types.ts', 'engine-config.ts', 'create-engine.ts', 'usable-cores.ts', 'traffic.ts'],
  'broadcast -> taps': ['packet-sink.ts', 'frame-sink.ts'],
  'signaling -> broadcast': ['signaling-target.ts', 'session-info.ts', 'stats.ts'],
  'metrics -> engine': ['types.ts', 'peer-sums.ts'],
  // The shape of handlers, what they are asked, and how they answer and let in.
  'metrics -> signaling': [
    'adapter-options.ts',
    'authorization.ts',
    'bearer-token.ts',
    'handler.ts',
    'http-reply.ts',
    'http-request.ts',
    'key-match.ts',
    'responses.ts',
  ],
  'signaling -> sdp': ['peek-direction.ts', 'peek-sections.ts'],
  // Plain RTP has sockets and keys of its own, and no peers.
  'sources -> transport': [
    'types.ts',
    'srtp/create-srtp.ts',
    'udp/classify-datagram.ts',
    'udp/datagram-sender.ts',
    'udp/ip-address.ts',
    'udp/media-sockets.ts',
    'udp/mux-counters.ts',
  ],
  'relay -> engine': ['types.ts'],
  'signaling -> relay': ['relay-path.ts'],
  'broadcast -> relay': ['pull-push.ts', 'relay.ts', 'relay-options.ts', 'relay-path.ts', 'relay-target.ts'],
  'index.ts -> engine': ['types.ts'],
}

/** The packages that only a few files may import, one of a room; `testing/` may, too. */
const KEEPERS: Readonly<Record<string, readonly string[]>> = {
  werift: ['transport/dtls.ts'],
  koffi: ['transport/native/koffi-library.ts'],
  jose: ['signaling/jose.ts'],
  redis: ['cli/redis-client.ts'],
  ioredis: ['cli/redis-client.ts'],
  ws: ['cli/web-socket-server.ts'],
  '@opentelemetry/api': ['metrics/opentelemetry-api.ts'],
  mediabunny: ['sources/files/mediabunny.ts', 'recording/mediabunny.ts'],
}

/** Files of the rooms that get packets and the time from outside must not ask for them. */
const PURE_ROOMS = ['rtp', 'sdp', 'media']
const IMPURE =
  /\b(?:Date\.now|performance\.|Math\.random|crypto\.|process\.|set(?:Timeout|Interval|Immediate)\b|new Date\b)/

function faultsOf(file: SourceFile): string[] {
  const row = TABLE[file.room]
  if (row === undefined) return [`${file.path}: the room ${file.room} is not in the table`]
  const faults: string[] = []
  for (const imported of file.files) {
    const room = roomOf(imported)
    if (room === file.room) continue
    const mayEnter = row.rooms === 'any' || row.rooms.includes(room)
    const door = DOORS[`${file.room} -> ${room}`]
    const throughDoor = door === undefined || door.some((name) => imported === `${room}/${name}`)
    if (!mayEnter || !throughDoor) faults.push(`${file.path} may not import ${imported}`)
  }
  for (const name of file.packages) {
    const keepers = KEEPERS[name] ?? []
    const allowed =
      row.packages.includes(name) ||
      (name.startsWith('node:') && row.packages.includes('node:*')) ||
      keepers.includes(file.path)
    if (!allowed) faults.push(`${file.path} may not import ${name}`)
  }
  return faults
}

/** A cycle of imports as a path, or undefined. */
function cycleIn(files: readonly SourceFile[]): string | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (path: string): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' -> ')
    if (done.has(path)) return undefined
    trail.push(path)
    for (const next of byPath.get(path)?.files ?? []) {
      const cycle = visit(next)
      if (cycle !== undefined) return cycle
    }
    trail.pop()
    done.add(path)
    return undefined
  }
  for (const { path } of files) {
    const cycle = visit(path)
    if (cycle !== undefined) return cycle
  }
  return undefined
}

const files = sourceFiles()

describe('the source', () => {
  it('imports only what the table allows', () => {
    expect(files.flatMap(faultsOf)).toEqual([])
  })

  it('imports only files that exist', () => {
    const paths = new Set(files.map((file) => file.path))
    const missing = files.flatMap((file) =>
      file.files.filter((path) => !paths.has(path)).map((path) => `${file.path}: ${path}`),
    )
    expect(missing).toEqual([])
  })

  it('has no cycle of imports', () => {
    expect(cycleIn(files)).toBeUndefined()
  })

  it('looks up no host names but those that the application announces, whatever clients say', () => {
    const resolving = files.filter((file) => file.packages.some((name) => /^node:dns\b/.test(name)))
    expect(resolving.map((file) => file.path).sort()).toEqual([
      // The application's own webhooks, to tell private addresses.
      'signaling/webhooks/http-post.ts',
      'transport/ice/announced-addresses.ts',
    ])
  })

  it('asks for time and randomness at the edges only', () => {
    const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    const impure = files.filter((file) => PURE_ROOMS.includes(file.room) && IMPURE.test(withoutComments(file.text)))
    expect(impure.map((file) => file.path)).toEqual([])
  })

  it('is what docs/architecture.md says: a row for every room', () => {
    const page = new URL('../../../docs/architecture.md', import.meta.url)
    expect(existsSync(page)).toBe(true)
    const text = readFileSync(page, 'utf8')
    const rows = [...text.matchAll(/^\| `([a-z.]+)\/?` \|/gm)].map(([, room]) => room)
    expect(rows.sort()).toEqual(Object.keys(TABLE).sort())
  })
})

describe('the test itself', () => {
  it.each([
    ['media/x.ts', "import { y } from '../transport/y.js'"],
    ['media/x.ts', "import type { y } from '../engine/types.js'"],
    ['media/x.ts', "export * from '../sdp/types.js'"],
    ['media/x.ts', "const y = await import('../sdp/types.js')"],
    ['media/x.ts', "import 'node:crypto'"],
    ['transport/x.ts', "import { DtlsServer } from 'werift/lib/dtls.js'"],
    ['broadcast/x.ts', "import { Shard } from '../engine/shard.js'"],
    ['client/x.ts', "import { ERROR_CODES } from '../errors.js'"],
    ['nowhere/x.ts', ''],
  ])('finds the fault of %s with %s', (path, text) => {
    expect(faultsOf(readSourceFile(path, text))).toHaveLength(1)
  })

  it.each([
    ['transport/dtls.ts', "import { DtlsServer } from 'werift'"],
    ['testing/peer.ts', "import { RTCPeerConnection } from 'werift'"],
    ['cli/main.ts', "import { Sfu } from '../index.js'"],
    ['media/egress/x.ts', "// import '../../sdp/types.js'\nimport { y } from '../ingest/y.js'"],
  ])('finds none in %s with %s', (path, text) => {
    expect(faultsOf(readSourceFile(path, text))).toEqual([])
  })

  it('finds a cycle', () => {
    const loop = [
      readSourceFile('a.ts', "import './b.js'"),
      readSourceFile('b.ts', "import './c.js'"),
      readSourceFile('c.ts', "import './b.js'"),
    ]
    expect(cycleIn(loop)).toBe('b.ts -> c.ts -> b.ts')
    expect(cycleIn(loop.slice(0, 2))).toBeUndefined()
  })
})
