/** What a session has come with from another node: noted on its metadata under a key that no token and no hook can write. */

/** How a session came to this node, if not by itself. */
export interface Pass {
  /** Of a relay: the node that it is for, and the publisher that it pulls. */
  readonly relay?: { readonly from: string; readonly publisher: string }
  /** Of a redirected client: the nodes that it was sent on by. */
  readonly tried?: readonly string[]
}

const PASS = Symbol('manycast.pass')

type Metadata = Readonly<Record<string, unknown>>

/** `metadata` with a note of `pass`. */
export function withPass(metadata: Metadata | undefined, pass: Pass): Metadata {
  return { ...metadata, [PASS]: pass }
}

/** What is noted on `metadata`; nothing on that of somebody who came by himself. */
export function passOf(metadata: Metadata | undefined): Pass {
  return (metadata as { readonly [PASS]?: Pass } | undefined)?.[PASS] ?? {}
}
