/** On which platforms the native path is tried at all. */

/** What is looked at; `process` has it. */
export interface PlatformFacts {
  readonly platform: string
  readonly arch: string
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly report?: { getReport(): object; excludeNetwork?: boolean }
}

const ARCHITECTURES: readonly string[] = ['x64', 'arm64']

/** Why the native path cannot be taken here; undefined if it can be tried. */
export function whyNoNativePath(facts: PlatformFacts): string | undefined {
  const { platform, arch, versions } = facts
  if (platform !== 'linux') return `the platform is ${platform}`
  if (!ARCHITECTURES.includes(arch)) return `the architecture is ${arch}`
  // Electron has BoringSSL under OpenSSL's names, and other runtimes only look like Node.
  for (const runtime of ['electron', 'bun', 'deno']) if (versions[runtime] !== undefined) return `this is ${runtime}`
  const openssl = versions.openssl ?? 'none'
  if (!/^3\.\d+\.\d+/.test(openssl)) return `the version of OpenSSL is ${openssl}`
  return isGlibc(facts) ? undefined : 'the C library is not glibc'
}

function isGlibc({ report }: PlatformFacts): boolean {
  if (report === undefined) return false
  const { excludeNetwork = false } = report
  // A report with the network looks up the names of all peers of the process, one after the other, while the thread waits.
  report.excludeNetwork = true
  try {
    const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } }
    return header?.glibcVersionRuntime !== undefined
  } finally {
    report.excludeNetwork = excludeNetwork
  }
}
