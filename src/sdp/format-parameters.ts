/** Format parameters, the value of `a=fmtp` (RFC 8866, section 6.15): `name=value` pairs between semicolons, as every forwarded codec has them. */

/** Reads `profile-id=0;x=1`. Names become lower case, the last of two equal names wins, a name without a value has the value ''. */
export function parseFormatParameters(text: string): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>()
  for (const part of text.split(';')) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase()
    if (name !== '') parameters.set(name, equals < 0 ? '' : part.slice(equals + 1).trim())
  }
  // Built from entries, so that a parameter named __proto__ is only a parameter.
  return Object.fromEntries(parameters)
}

/** Writes what `parseFormatParameters` reads; '' for none. */
export function formatFormatParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join(';')
}
