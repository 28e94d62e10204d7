/** Reads of processes that begin (+pid) and end (-pid); when nobody is there any more to write, as after kill -9, ends those that are left. */
import { createInterface } from 'node:readline'

const pids = new Set()

createInterface({ input: process.stdin })
  .on('line', (line) => (line[0] === '+' ? pids.add(Number(line.slice(1))) : pids.delete(Number(line.slice(1)))))
  .on('close', () => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {} // ended meanwhile
    }
  })
