/** Arithmetic on plain objects and lists of numbers, such as snapshots of counters are. */

interface NumberTree {
  [name: string]: number | NumberTree
}

/** `to` becomes `combine(to, from)` in every number of `from`, also in objects within it; what `to` does not have begins at 0. */
export function combineNumbers<Tree extends object>(
  to: Tree,
  from: Tree,
  combine: (to: number, from: number) => number,
): void {
  combineTrees(to as unknown as NumberTree, from as unknown as NumberTree, combine)
}

/** Adds every number of `from` to that of `to`, see {@link combineNumbers}. */
export function addNumbers<Tree extends object>(to: Tree, from: Tree): void {
  combineNumbers(to, from, (a, b) => a + b)
}

function combineTrees(to: NumberTree, from: NumberTree, combine: (to: number, from: number) => number): void {
  for (const name of Object.keys(from)) {
    const other = from[name]
    const mine = to[name]
    if (typeof other === 'number') {
      to[name] = combine(typeof mine === 'number' ? mine : 0, other)
    } else if (other !== undefined) {
      const below = typeof mine === 'object' ? mine : ((Array.isArray(other) ? [] : {}) as NumberTree)
      to[name] = below
      combineTrees(below, other, combine)
    }
  }
}
