/** FFmpeg and GStreamer for the tests that send to and read from them; those tests are skipped where neither is there nor can be installed. */
import { spawnSync } from 'node:child_process'
import { aptInstall } from './apt.mjs'
import { say } from './steps.mjs'

const TOOLS = [
  { name: 'FFmpeg', check: ['ffmpeg', ['-version']], packages: ['ffmpeg'] },
  {
    name: 'GStreamer',
    check: ['gst-inspect-1.0', ['--exists', 'vp8enc']],
    packages: ['gstreamer1.0-tools', 'gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good'],
  },
]

/** Installs those that are missing, as far as possible, and says which tests will be skipped. */
export function installMediaTools() {
  const missing = TOOLS.filter(({ check: [command, args] }) => spawnSync(command, args).status !== 0)
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(' and ')
  const packages = missing.flatMap((tool) => tool.packages)
  if (!aptInstall(packages, `${names} for the tests`)) say(`Without ${names}: the tests that need them are skipped.`)
}
