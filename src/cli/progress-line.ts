/** One line at the bottom of a terminal that says how far things are; other lines go above it. */

/** As much of a stream as is used. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** How far something is. */
export interface LineProgress {
  readonly positionMs: number
  readonly durationMs: number | undefined
}

const ERASE_LINE = '\r\u001b[2K'
const BAR_LENGTH = 20
const DEFAULT_COLUMNS = 80

/** Writes lines to a terminal, or to whatever else it is, which gets no progress. */
export class ProgressLine {
  readonly #terminal: Terminal
  readonly #parts = new Map<string, string>()
  #shown = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Shows how far `name` is, with `what` it is at. */
  update(name: string, what: string, progress: LineProgress): void {
    this.#parts.set(name, `${name}: ${what} ${progressText(progress)}`)
    this.#draw()
  }

  /** `name` is over. */
  remove(name: string): void {
    this.#parts.delete(name)
    this.#erase()
    this.#draw()
  }

  /** Writes lines that stay. */
  say(text: string): void {
    this.#erase()
    this.#terminal.write(text.endsWith('\n') ? text : `${text}\n`)
    this.#draw()
  }

  /** Shows nothing any more. */
  end(): void {
    this.#erase()
    this.#parts.clear()
  }

  #draw(): void {
    if (!this.#terminal.isTTY || this.#parts.size === 0) return
    const columns = this.#terminal.columns ?? DEFAULT_COLUMNS
    // A line of all columns would wrap.
    const text = [...this.#parts.values()].join('   ').slice(0, columns - 1)
    this.#terminal.write(ERASE_LINE + text)
    this.#shown = true
  }

  #erase(): void {
    if (this.#shown) this.#terminal.write(ERASE_LINE)
    this.#shown = false
  }
}

/** A bar where the end is known, and the time. */
export function progressText({ positionMs, durationMs }: LineProgress): string {
  if (durationMs === undefined || durationMs <= 0) return clockText(positionMs)
  const done = Math.round(Math.min(1, positionMs / durationMs) * BAR_LENGTH)
  const bar = '#'.repeat(done) + '-'.repeat(BAR_LENGTH - done)
  return `[${bar}] ${clockText(positionMs)} / ${clockText(durationMs)}`
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
