import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_RELAY_TREE, relayParent } from '../../../src/cluster/placement/relay-parent.js'
import type { NodeRecord } from '../../../src/cluster/types.js'
import { CAPACITY_INPUTS, capacityPlan } from '../../support/capacity-plan.js'

const page = readFileSync(new URL('../../../docs/capacity-planning.md', import.meta.url), 'utf8')

/** What the row of a table begins with, and its value: text without emphasis and code. */
const rows = new Map(
  [...page.matchAll(/^\| ([^|]+) \| ([^|]+) \|/gm)].map(([, name = '', value = '']) => [
    name.replace(/[*`]/g, '').trim(),
    value.trim(),
  ]),
)
const grouped = (value: number): string => value.toLocaleString('en-US')
const percent = (share: number): string => `${Math.round(share * 100)} %`

describe('docs/capacity-planning.md', () => {
  const inputs = CAPACITY_INPUTS
  const plan = capacityPlan()

  it.each<[string, string]>([
    ['viewers at the same time', grouped(inputs.viewers)],
    ['video packets per second to a viewer', grouped(inputs.videoPacketsPerSecond)],
    ['audio packets per second', grouped(inputs.audioPacketsPerSecond)],
    ['headers of each packet, bytes', grouped(inputs.headerBytes)],
    ['CPU per packet, µs', String(inputs.cpuUsPerPacket)],
    ['share of a core that is planned with', percent(inputs.coreShare)],
    ['cores of a node', grouped(inputs.coresPerNode)],
    ['of those for media', grouped(inputs.mediaCores)],
    ['nodes that may fail at once', percent(inputs.failingShare)],
    ['seats left free besides', percent(inputs.freeShare)],
    ['all layers of a publisher, against what a viewer is sent', String(inputs.layersFactor)],
    ['relays that a node feeds at most', grouped(inputs.fanOut)],
    ['packets per second to a viewer', grouped(plan.packetsPerSecond)],
    ['bitrate to a viewer, headers included', `${(plan.viewerBps / 1e6).toFixed(2)} Mbps`],
    ['viewers per core', grouped(plan.viewersPerCore)],
    ['viewers per node', grouped(plan.viewersPerNode)],
    ['capacity of a node', grouped(plan.capacity)],
    ['nodes', grouped(plan.nodes)],
    ['cores', grouped(plan.cores)],
    ['bandwidth of a full node, out', `${(plan.fullNodeBps / 1e9).toFixed(1)} Gbps`],
    ['bandwidth of all, out', `${(plan.totalBps / 1e12).toFixed(2)} Tbps`],
    ['traffic per viewer and hour', `${plan.gigabytesPerViewerHour.toFixed(2)} GB`],
    ['relays, one broadcast on all nodes', grouped(plan.relays)],
    ['bitrate of a relay, all layers', `${(plan.relayBps / 1e6).toFixed(1)} Mbps`],
    ['bandwidth of all relays', `${(plan.relayTotalBps / 1e9).toFixed(2)} Gbps`],
    ['what the origin sends to relays, packets per second', grouped(plan.originPacketsPerSecond)],
    ['the same, Mbps', grouped(Math.round(plan.originBps / 1e6))],
    ['the same, share of a core', percent(plan.originCoreShare)],
  ])('says what follows: %s', (name, value) => {
    expect(rows.get(name)).toBe(value)
  })

  it('puts in what was measured', () => {
    const read = (name: string): string => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8')
    const [, measured] = /\| manycast, native \(GCM\) \| [\d.]+ \| ([\d.]+) \|/.exec(read('performance')) ?? []
    const [, feedback] = /a packet costs ([\d.]+) times/.exec(read('bandwidth')) ?? []
    expect(Number(measured) * Number(feedback)).toBeCloseTo(inputs.cpuUsPerPacket, 1)
    expect(inputs.fanOut).toBe(DEFAULT_RELAY_TREE.fanOut)
  })

  it('has as many relays between publisher and viewer as the tree of so many nodes', () => {
    const nodes = Array.from(
      { length: plan.nodes },
      (_, index): NodeRecord => ({
        nodeId: `n${index}`,
        url: `http://n${index}`,
        region: '',
        capacity: plan.capacity,
        viewers: 0,
        utilization: 0,
        draining: false,
      }),
    )
    const carriers = nodes.map(({ nodeId }) => nodeId)
    const origin = { broadcast: 'b', publisher: 'main', nodeId: 'n0', url: 'http://n0', token: 1 }
    const depths = nodes.map((self) => relayParent({ broadcast: 'b', self, origin, nodes, carriers })?.depth ?? 0)
    expect(rows.get('relays between publisher and viewer')).toBe(String(Math.max(...depths)))
  })
})
