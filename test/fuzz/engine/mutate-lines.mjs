/** Damages texts that consist of lines: lines, words and numbers are exchanged, and sometimes single bytes. */
import { mutateBytes } from './mutate-bytes.mjs'

const NUMBERS = [
  '0',
  '-1',
  '1',
  '9',
  '127',
  '128',
  '255',
  '256',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '1e9',
  '00',
  '١',
]
const WORDS = [
  '',
  ' ',
  ';',
  ':',
  '/',
  '=',
  '*',
  'a=',
  'm=',
  '\t',
  '\u0000',
  '\u007f',
  '\u00ff',
  '%0a',
  '__proto__',
  'constructor',
  'inactive',
  'a=mid:0',
]

const pick = (random, list) => list[random.integer(0, list.length - 1)]

function mutateOnce(random, lines, others) {
  const i = random.integer(0, lines.length - 1)
  switch (random.integer(0, 9)) {
    case 0:
      lines.splice(i, 1)
      break
    case 1:
      lines.splice(random.integer(0, lines.length), 0, lines[i])
      break
    case 2: {
      const j = random.integer(0, lines.length - 1)
      const line = lines[i]
      lines[i] = lines[j]
      lines[j] = line
      break
    }
    case 3:
    case 4:
      lines.splice(i, random.integer(0, 1), pick(random, linesOf(pick(random, others))))
      break
    case 5: {
      const other = linesOf(pick(random, others))
      const from = random.integer(0, other.length - 1)
      lines.splice(i, random.integer(0, 8), ...other.slice(from, from + random.integer(1, 12)))
      break
    }
    case 6:
      lines[i] = replaceOne(random, lines[i], /\d+/g, () => pick(random, NUMBERS))
      break
    case 7:
      lines[i] = replaceOne(random, lines[i], /[^\s:;=/]+/g, () => pick(random, WORDS))
      break
    case 8: {
      const words = (pick(random, linesOf(pick(random, others))) ?? '').split(/([\s:;=/]+)/)
      lines[i] = replaceOne(random, lines[i], /[^\s:;=/]+/g, () => pick(random, words) ?? '')
      break
    }
    default:
      lines[i] = mutateBytes(random, Buffer.from(lines[i], 'latin1'), others, 4096).toString('latin1')
  }
}

function replaceOne(random, line, pattern, replacement) {
  const matches = [...line.matchAll(pattern)]
  if (matches.length === 0) return line
  const match = pick(random, matches)
  return line.slice(0, match.index) + replacement() + line.slice(match.index + match[0].length)
}

function linesOf(input) {
  return input.toString('latin1').split('\r\n')
}

/** A damaged copy of `input`, at most `maxLength` bytes. `others` are inputs of the same kind. */
export function mutateLines(random, input, others, maxLength) {
  const lines = linesOf(input)
  for (let i = random.integer(1, 4); i > 0 && lines.length > 0; i--) mutateOnce(random, lines, others)
  const bytes = Buffer.from(lines.join('\r\n'), 'latin1')
  return bytes.length > maxLength ? bytes.subarray(0, maxLength) : bytes
}
