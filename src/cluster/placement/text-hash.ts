/** Hashes that every node of a cluster computes alike; no secrets, only an even spread. */

/** 32 bits of a text: FNV-1a, then mixed so that texts which differ at their ends only are spread, too. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return finish(hash)
}

/** 32 bits of two hashes; of a pair, not of a sum. */
export function mixHashes(a: number, b: number): number {
  return finish(Math.imul(a, 0x9e3779b1) ^ finish(b))
}

/** The finalizer of MurmurHash3: every bit of the input changes half of the output. */
function finish(hash: number): number {
  let bits = hash
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
