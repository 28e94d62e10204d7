/** How a check ends that does not pass. */

/** The server does not do it; the message says what it does instead. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
}

/** It cannot be found out here; the message says why. */
export class CheckSkipped extends Error {
  override readonly name = 'CheckSkipped'
}

/** Throws {@link CheckFailure} unless `holds`. */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new CheckFailure(otherwise)
}

/** Throws {@link CheckSkipped}. */
export function skip(why: string): never {
  throw new CheckSkipped(why)
}
