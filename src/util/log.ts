/** Debug logging by room: `DEBUG=manycast:*` shows all of it. */
import debug from 'debug'

/** Writes one line, printf style as `debug` does; free when its namespace is off. */
export type Log = debug.Debugger

/** The log of one room, `manycast:<room>`. */
export function createLog(room: string): Log {
  return debug(`manycast:${room}`)
}

/** Text from the network made safe for a log line: no control characters, no line of its own, bounded length. */
export function printable(text: string, maxLength = 120): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  const clean = text.slice(0, maxLength).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')
  return text.length > maxLength ? `${clean}...` : clean
}
