/** How much CPU time a control group may have (Linux, `cpu.max` of cgroup v2). */

/** The cores in `text`, a quota and its period in microseconds such as `150000 100000`; undefined for `max`, `-1` and what is neither. */
export function coresOfControlGroup(text: string): number | undefined {
  const [quota = Number.NaN, period = Number.NaN] = text.trim().split(/\s+/).map(Number)
  return quota > 0 && period > 0 ? quota / period : undefined
}
