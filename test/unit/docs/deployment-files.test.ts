/** examples/deploy: that the files can be read, fit together, and call the command as it is. What Docker and Kubernetes make of them is not tested here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { parseArguments, type ServeCommand } from '../../../src/cli/parse-arguments.js'

const folder = new URL('../../../examples/deploy/', import.meta.url)
const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8')
const SECRET = 'a-secret-of-more-than-thirty-two-characters'
/** What closing takes at most, see src/cli/close-on-signal.ts. */
const CLOSE_SECONDS = 5

/** A Kubernetes object, as far as it is looked at. */
// biome-ignore lint/suspicious/noExplicitAny: these are documents of others' making
type Document = any

function serve(args: readonly string[], env: Record<string, string>): ServeCommand {
  const command = parseArguments(args, env)
  if (command.name !== 'serve') throw new Error(`it is ${command.name}`)
  return command
}

describe('the Dockerfile', () => {
  const text = read('Dockerfile')
  const json = (instruction: string) =>
    JSON.parse(new RegExp(`^\\s*${instruction} (\\[.*\\])$`, 'm').exec(text)?.[1] ?? '') as string[]

  it('calls the command with options that there are, and not as root', () => {
    const env = Object.fromEntries(
      [...(/^ENV (.*)$/m.exec(text)?.[1] ?? '').matchAll(/(\w+)=(\S+)/g)].map(([, key, value]) => [key, value]),
    ) as Record<string, string>
    const args = text.slice(text.lastIndexOf('CMD ') + 4)
    const { port, sfu, metrics } = serve(JSON.parse(args) as string[], env)
    expect([port, sfu.udpPort, metrics]).toEqual([8080, 5000, {}])
    expect(text).toContain(`EXPOSE ${port}/tcp ${sfu.udpPort}/udp ${sfu.udpPort}/tcp`)
    expect(/^USER (\w+)$/m.exec(text)?.[1]).toBe('node')
    const { bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { bin: { manycast: string } }
    expect(json('ENTRYPOINT')).toEqual(['node', `/app/node_modules/manycast/${bin.manycast.slice(2)}`])
    expect(text).toContain("'/healthz'")
  })

  it('copies what there is, and what the build context has', () => {
    const context = read('Dockerfile.dockerignore').split('\n')
    const copied = [...text.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, names]) => (names ?? '').split(' '))
    expect(copied.length).toBeGreaterThan(5)
    for (const name of copied) {
      expect(existsSync(new URL(name, root)), name).toBe(true)
      expect(context).toContain(`!${name}`)
    }
  })
})

describe('compose.yaml', () => {
  const variables: Record<string, string> = { ANNOUNCE_IP: '203.0.113.7' }
  for (const name of ['CLUSTER_SECRET', 'PUBLISH_KEY', 'ADMIN_KEY', 'METRICS_KEY']) variables[name] = SECRET
  const used = new Set<string>()
  /** As Compose does it: `${name}`, `${name:?message}`, and `${name:-default}`, which may have others in it. */
  const interpolate = (text: string): string => {
    const inner = text.replace(/\$\{(\w+)(?::([?-])([^${}]*))?\}/g, (_, name: string, sign: string, rest: string) => {
      used.add(name)
      const value = variables[name] ?? (sign === '-' ? rest : undefined)
      if (value === undefined) throw new Error(`${name} is not set`)
      return value
    })
    return inner === text ? text : interpolate(inner)
  }
  const { services } = parse(interpolate(read('compose.yaml')), { merge: true }) as Document
  const nodes = Object.entries<Document>(services).filter(([name]) => name.startsWith('node-'))

  it('has three nodes with ports and URLs of their own, and options that there are', () => {
    const commands = nodes.map(([, node]) => serve(node.command, node.environment))
    expect(commands.map(({ port }) => port)).toEqual([8081, 8082, 8083])
    expect(commands.map(({ sfu }) => sfu.udpPort)).toEqual([5001, 5002, 5003])
    for (const { port, sfu, cluster, access, metrics } of commands) {
      expect(sfu.announceIps).toEqual(['203.0.113.7'])
      expect(cluster).toMatchObject({ nodeUrl: `http://203.0.113.7:${port}`, secret: SECRET })
      expect(access).toMatchObject({ publishKey: SECRET, adminKey: SECRET, dashboard: 'key' })
      expect(metrics).toEqual({ token: SECRET })
    }
  })

  it('leaves them the time to drain', () => {
    for (const [, node] of nodes) {
      const { drainSeconds } = serve(node.command, node.environment)
      expect(Number.parseInt(node.stop_grace_period, 10)).toBeGreaterThan(drainSeconds + CLOSE_SECONDS)
    }
  })

  it('builds the Dockerfile, and asks for nothing that env.example does not name', () => {
    const { build } = services['node-1']
    expect(existsSync(new URL(`${build.context}/${build.dockerfile}`, folder))).toBe(true)
    const named = [...read('env.example').matchAll(/^(?:# )?(\w+)=/gm)].map(([, name]) => name)
    expect([...used].filter((name) => !named.includes(name))).toEqual([])
  })
})

describe('the manifests for Kubernetes', () => {
  const files = readdirSync(new URL('kubernetes/', folder)).filter((name) => name !== 'kustomization.yaml')
  const documents = files.flatMap((name) =>
    parseAllDocuments(read(`kubernetes/${name}`)).map((document) => {
      if (document.errors.length > 0) throw new Error(`${name}: ${document.errors[0]?.message}`)
      return document.toJS() as Document
    }),
  )
  const of = (kind: string) => documents.filter((document) => document.kind === kind)
  const [set] = of('StatefulSet') as [Document]
  const pod = set.spec.template.spec
  const [container] = pod.containers as [Document]
  const secrets = of('Secret')[0].stringData as Record<string, string>

  /** The environment of a pod, by the values that its sources have. */
  function environment(name: string, ofSecret: (key: string) => string): Record<string, string> {
    const env: Record<string, string> = {}
    for (const entry of container.env) {
      const { secretKeyRef, fieldRef } = entry.valueFrom ?? {}
      if (secretKeyRef !== undefined) expect(secrets).toHaveProperty(secretKeyRef.key)
      const given = fieldRef?.fieldPath === 'metadata.name' ? name : '198.51.100.4'
      env[entry.name] = entry.value ? expand(entry.value, env) : secretKeyRef ? ofSecret(secretKeyRef.key) : given
    }
    return env
  }

  function expand(text: string, env: Readonly<Record<string, string>>): string {
    return text.replace(/\$\((\w+)\)/g, (_, name: string) => {
      const value = env[name]
      if (value === undefined) throw new Error(`${name} is not set before`)
      return value
    })
  }

  function node(name: string, ofSecret = (_key: string) => SECRET): ServeCommand {
    const env = environment(name, ofSecret)
    return serve(
      container.args.map((arg: string) => expand(arg, env)),
      env,
    )
  }

  it('are all in the kustomization', () => {
    const { resources } = parse(read('kubernetes/kustomization.yaml')) as { resources: string[] }
    expect([...resources].sort()).toEqual(files.sort())
  })

  it('call the command with options that there are, and open its ports', () => {
    const { port, sfu, cluster, access } = node('manycast-1')
    expect(cluster).toMatchObject({ redisUrl: `redis://:${SECRET}@redis:6379`, secret: SECRET })
    expect(sfu.announceIps).toEqual(['198.51.100.4'])
    expect(access).toMatchObject({ publishKey: SECRET, adminKey: SECRET, dashboard: 'key', trustProxy: ['10.0.0.0/8'] })
    expect(pod.hostNetwork).toBe(true)
    expect(container.ports).toEqual([
      { name: 'http', containerPort: port, hostPort: port },
      { name: 'media-udp', containerPort: sfu.udpPort, hostPort: sfu.udpPort, protocol: 'UDP' },
      { name: 'media-tcp', containerPort: sfu.udpPort, hostPort: sfu.udpPort, protocol: 'TCP' },
    ])
  })

  it('do not start with the secrets that they come with', () => {
    expect(() => node('manycast-0', (key) => secrets[key] ?? '')).toThrow('must have at least')
    for (const key of Object.keys(secrets).filter((name) => name !== 'REDIS_PASSWORD')) {
      expect(() => node('manycast-0', (name) => (name === key ? (secrets[key] ?? '') : SECRET)), key).toThrow(key)
    }
  })

  it('give each node its Service, and a host of the Ingress that is its URL', () => {
    const hosts = of('Ingress').flatMap(({ spec }) => spec.rules as Document[])
    for (let index = 0; index < set.spec.replicas; index++) {
      const name = `${set.metadata.name}-${index}`
      const [rule] = hosts.filter(({ host }) => `https://${host}` === node(name).cluster?.nodeUrl)
      expect(rule?.http.paths[0].backend.service.name).toBe(name)
      const service = of('Service').find(({ metadata }) => metadata.name === name)
      expect(service?.spec.selector).toEqual({ 'statefulset.kubernetes.io/pod-name': name })
      expect(service?.spec.publishNotReadyAddresses).toBe(true)
    }
    const names = of('Service').map(({ metadata }) => metadata.name)
    for (const { http } of hosts) expect(names).toContain(http.paths[0].backend.service.name)
  })

  it('probe what --metrics serves, and leave the time to drain', () => {
    expect(node('manycast-0').metrics).toEqual({ token: SECRET })
    expect(container.livenessProbe.httpGet.path).toBe('/healthz')
    expect(container.readinessProbe.httpGet.path).toBe('/readyz')
    expect(set.spec.template.metadata.annotations['prometheus.io/path']).toBe('/metrics')
    const preStop = Number(container.lifecycle.preStop.exec.command[1])
    const needed = preStop + node('manycast-0').drainSeconds + CLOSE_SECONDS
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(needed)
  })
})
