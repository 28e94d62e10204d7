/** Options that an environment variable may stand for: for containers, and for secrets, as everybody on a machine sees its command lines. */
import { UsageError } from './usage-error.js'

/** A value, and what it was given by. */
export interface Setting {
  /** The name of the option or of the variable, for messages. */
  readonly origin: string
  readonly value: string
}

/** The environment of the process, or something like it. */
export type Environment = Readonly<Record<string, string | undefined>>

const MIN_KEY_LENGTH = 16
const MIN_SECRET_LENGTH = 32

/** The option, else the variable; undefined if neither was given. */
export function setting(
  option: string,
  value: string | undefined,
  variable: string,
  env: Environment,
): Setting | undefined {
  if (value !== undefined) return { origin: option, value }
  const set = env[variable]
  // An empty variable is how shells and compose files say "not set".
  return set === undefined || set === '' ? undefined : { origin: variable, value: set }
}

/** Throws {@link UsageError} for what is no bearer token, or too short for one; it never repeats it. */
export function checkKey(key: Setting | undefined): void {
  if (key !== undefined && (key.value.length < MIN_KEY_LENGTH || /\s/.test(key.value))) {
    throw new UsageError(`${key.origin} must have at least ${MIN_KEY_LENGTH} characters, and no white space`)
  }
}

/** Throws {@link UsageError} for what is too short to sign with; it never repeats it. */
export function checkSecret(secret: Setting | undefined): void {
  if (secret !== undefined && secret.value.length < MIN_SECRET_LENGTH) {
    throw new UsageError(`${secret.origin} must have at least ${MIN_SECRET_LENGTH} characters`)
  }
}
