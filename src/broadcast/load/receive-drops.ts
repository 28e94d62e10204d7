/** What the kernel has dropped because a receive buffer was full (Linux, `/proc/net/udp`). */

const LINE = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) .*\s(\d+)\s*$/gm

/**
 * The last column of the sockets at `ports`, summed up.
 *
 * @param lists the lists of UDP sockets as texts; undefined if none of them is there.
 */
export function receiveDropsOf(lists: readonly (string | undefined)[], ports: readonly number[]): number | undefined {
  if (lists.every((list) => list === undefined)) return undefined
  let drops = 0
  for (const list of lists) {
    for (const [, port, dropped] of (list ?? '').matchAll(LINE)) {
      if (ports.includes(Number.parseInt(port as string, 16))) drops += Number(dropped)
    }
  }
  return drops
}
