/** What `npm run interop` prints, as tables for docs/interop.md. */

/** Which clients there are. */
export function clientTable(clients, missing) {
  return table(
    ['client', 'version', 'publishes', 'views'],
    [
      ...clients.map(({ name, client }) => [name, client.version, 'yes', client.view === undefined ? '' : 'yes']),
      ...missing.map(({ name, why }) => [name, `skipped: ${why}`, '', '']),
    ],
  )
}

/** What each viewer has seen of each publisher. */
export function pairTable(pairs) {
  return table(
    ['publisher', 'viewer', 'first frame', 'frames decoded', 'audio', 'picture', ''],
    pairs.map(({ publisher, viewer, passed, seen, failure }) => {
      const verdict = passed ? 'pass' : 'FAIL'
      if (seen === undefined) return [publisher, viewer, '', '', '', '', `${verdict}: ${failure}`]
      const { firstFrameMs, frames, seconds, audioSeconds, picture } = seen
      return [
        publisher,
        viewer,
        `${Math.round(firstFrameMs)} ms`,
        `${frames} in ${seconds.toFixed(1)} s`,
        `${audioSeconds.toFixed(1)} s`,
        picture,
        verdict,
      ]
    }),
  )
}

/** One of them, when it is done. */
export function pairLine({ publisher, viewer, passed, seen, failure }) {
  const figures = seen === undefined ? failure : `${seen.frames} frames in ${seen.seconds.toFixed(1)} s`
  return `${passed ? 'pass' : 'FAIL'}  ${publisher} -> ${viewer}: ${figures}`
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
