/** The command as a user starts it: a process of its own on free ports. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A running server. */
export interface CliServer {
  /** Without a slash at the end. */
  readonly url: string
  readonly process: ChildProcess
  /** Everything that it printed. */
  output(): string
  /** Sends the signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/**
 * Starts `manycast serve` (or another script of the repository) and waits for the address that it prints.
 *
 * @param runner a command that runs the command that follows it, elsewhere.
 */
export async function startCli(
  args: readonly string[] = [],
  script = 'dist/cli/main.js',
  runner: readonly string[] = [],
): Promise<CliServer> {
  const command = script === 'dist/cli/main.js' ? ['serve', '--port', '0', '--overload', 'off', ...args] : args
  const [program = '', ...rest] = [...runner, process.execPath, script, ...command]
  const child = spawn(program, rest, { cwd: ROOT, env: { ...process.env, PORT: '0' } })
  let printed = ''
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const url = await new Promise<string>((resolve, reject) => {
    const onText = (chunk: Buffer) => {
      printed += chunk.toString()
      const match = /http:\/\/[\w.[\]:]+:\d+/.exec(printed)
      if (match) resolve(match[0])
    }
    child.stdout.on('data', onText)
    child.stderr.on('data', onText)
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}: ${printed}`)))
  })
  return {
    url,
    process: child,
    output: () => printed,
    stop(signal = 'SIGINT') {
      child.kill(signal)
      return exited
    },
  }
}
