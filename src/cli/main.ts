#!/usr/bin/env node
/** The `manycast` command. */
import { BroadcastError } from '../index.js'
import { exitWith } from './close-on-signal.js'
import { runConformance } from './conformance/run-conformance.js'
import { parseArguments } from './parse-arguments.js'
import { runServer } from './run-server.js'
import { USAGE } from './usage.js'
import { UsageError } from './usage-error.js'
import { packageVersion } from './version.js'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

async function main(): Promise<void> {
  const command = parseArguments(process.argv.slice(2), process.env)
  if (command.name === 'help') process.stdout.write(USAGE)
  else if (command.name === 'version') process.stdout.write(`${packageVersion()}\n`)
  else if (command.name === 'conformance') {
    const passed = await runConformance(command, (text) => process.stdout.write(text))
    process.exitCode = passed ? 0 : EXIT_FAILED
  } else await runServer(command)
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`manycast: ${error.message}\nTry: manycast --help\n`)
    process.exit(EXIT_USAGE)
  }
  exitWith(error, error instanceof BroadcastError && error.code === 'option-invalid' ? EXIT_USAGE : EXIT_FAILED)
})
