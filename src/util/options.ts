/** Checks of what users pass as options. Every failure is a `BroadcastError` with code `option-invalid` that names the option. */
import { BroadcastError } from '../errors.js'

/** Throws `option-invalid`: the option `name` has to be as `wanted` says. */
export function refuseOption(name: string, wanted: string, value: unknown): never {
  throw new BroadcastError('option-invalid', `option ${name}: expected ${wanted}, got ${shown(value)}`, {
    details: { option: name },
  })
}

/** A short text for any value; objects are only named, because their own conversion to text may throw. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80))
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value).slice(0, 80)
}

/** `value` or, if undefined, `fallback`; a whole number from `min` to `max`. */
export function integerOption(name: string, value: unknown, fallback: number, min: number, max: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    refuseOption(name, `an integer from ${min} to ${max}`, value)
  }
  return value
}

/** `value` or, if undefined, `fallback`; a number from `min` to `max`, with fractions. */
export function numberOption(name: string, value: unknown, fallback: number, min: number, max: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    refuseOption(name, `a number from ${min} to ${max}`, value)
  }
  return value
}

/** `value` or, if undefined, `fallback`; true or false. */
export function booleanOption(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') refuseOption(name, 'true or false', value)
  return value
}

/** `value` or, if undefined, `fallback`; one of `choices`. */
export function choiceOption<T extends string>(name: string, value: unknown, fallback: T, choices: readonly T[]): T {
  if (value === undefined) return fallback
  if (!choices.includes(value as T)) refuseOption(name, `one of ${choices.join(', ')}`, value)
  return value as T
}

/** `value` if it is an object with options in it; refused otherwise. */
export function objectOption<T extends object>(name: string, value: T, wanted: string): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuseOption(name, wanted, value)
  return value
}

/** `value` or, if undefined, `fallback`; a list of strings that `check` accepts, or a single one. */
export function stringListOption(
  name: string,
  value: unknown,
  fallback: readonly string[],
  wanted: string,
  check: (item: string) => boolean,
): readonly string[] {
  if (value === undefined) return fallback
  const list = Array.isArray(value) ? value : [value]
  for (const item of list) if (typeof item !== 'string' || !check(item)) refuseOption(name, wanted, item)
  return list as string[]
}
