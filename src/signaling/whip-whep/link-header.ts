/** `Link` header fields (RFC 8288, section 3). */
import { BroadcastError } from '../../errors.js'

/** What a quoted string can hold without an encoding (RFC 9110, section 5.6.4). */
const QUOTABLE = /^[\t\u0020-\u007e]*$/

/** The value for `target` with its parameters, all of them quoted. Throws `option-invalid` for what no header can carry. */
export function linkHeader(target: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => {
    if (!QUOTABLE.test(value)) {
      throw new BroadcastError('option-invalid', `the ${name} of a Link header has characters outside of ASCII`, {
        details: { option: name },
      })
    }
    return `; ${name}="${value.replace(/["\\]/g, '\\$&')}"`
  })
  return `<${target}>${pairs.join('')}`
}
