/** The committed inputs of a target: one per line, in base64. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** The corpus of one target has no more than this, in characters of base64. */
const MAX_CHARACTERS = 40_000

const fileOf = (target) => new URL(`../corpus/${target}.txt`, import.meta.url)

/** The committed inputs; none for a target that has no file yet. */
export function readCorpus(target) {
  return readLines(fileOf(target))
}

/** Inputs that have broken an oracle once. They are kept by hand, as the corpus keeps only what reaches code that nothing else does. */
export function readRegressions(target) {
  return readLines(new URL(`../regressions/${target}.txt`, import.meta.url))
}

function readLines(file) {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'base64'))
}

/** Writes `inputs` in their order, as many as there is room for; returns how many. */
export function writeCorpus(target, inputs) {
  const lines = []
  let characters = 0
  for (const input of inputs) {
    const line = input.toString('base64')
    if (line === '' || characters + line.length > MAX_CHARACTERS) continue
    characters += line.length + 1
    lines.push(line)
  }
  writeFileSync(fileOf(target), lines.map((line) => `${line}\n`).join(''))
  return lines.length
}
