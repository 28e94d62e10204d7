/** Comparing keys and tokens without telling by the time it takes how much of them is right. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { BroadcastError } from '../errors.js'

const MIN_KEY_LENGTH = 16

/** Whether a text is the key; takes as long whatever it is. */
export type KeyMatch = (candidate: string | undefined) => boolean

/** What compares with the option `name`. Throws `option-invalid` for a key that is too short to be one; the key itself is not told. */
export function keyMatch(name: string, key: string): KeyMatch {
  if (typeof key !== 'string' || key.length < MIN_KEY_LENGTH || /\s/.test(key)) {
    const wanted = `at least ${MIN_KEY_LENGTH} characters without white space`
    throw new BroadcastError('option-invalid', `option ${name}: expected ${wanted}`, { details: { option: name } })
  }
  // Digests have one length, whatever is compared.
  const expected = digest(key)
  return (candidate) => timingSafeEqual(digest(candidate ?? ''), expected)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
