/** How busy the whole machine is: figures taken next to other work are worth less. */
import { cpus } from 'node:os'

/** Milliseconds that all cores together have worked since the start of the machine. */
export function busyMs() {
  return cpus().reduce((total, { times }) => total + times.user + times.nice + times.sys + times.irq, 0)
}
