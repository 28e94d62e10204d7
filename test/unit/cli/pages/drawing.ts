/** Looks into drawings of the pages, which are trees of plain objects. */

/** An element of a drawing. */
export interface Drawing {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string | number>>
  readonly children: readonly (Drawing | string | number)[]
}

/** All elements of the drawing. */
export function all(drawing: Drawing): Drawing[] {
  return [drawing, ...drawing.children.flatMap((child) => (typeof child === 'object' ? all(child) : []))]
}

/** Those of that tag and, if given, with that class among theirs. */
export function find(drawing: Drawing, tag: string, name?: string): Drawing[] {
  return all(drawing).filter(
    (one) =>
      one.tag === tag &&
      (name === undefined ||
        String(one.attributes.class ?? '')
          .split(' ')
          .includes(name)),
  )
}

/** What is written in it. */
export function textOf(drawing: Drawing): string {
  return drawing.children.map((child) => (typeof child === 'object' ? textOf(child) : String(child))).join('')
}

/** The coordinates of the points of a path that are reached by M and L. */
export function pointsOf(path: Drawing | undefined): [x: number, y: number][] {
  const matches = String(path?.attributes.d ?? '').matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)
  return [...matches].map(([, x, y]) => [Number(x), Number(y)])
}
