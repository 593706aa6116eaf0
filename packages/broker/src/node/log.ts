/**
 * The log of a broker: JSON lines by pino, or lines for people when the output is a terminal. pino is loaded with the first
 * line, because a start that has nothing to say should not wait for it; until then lines queue up.
 */
import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { DestinationStream, Logger } from 'pino'
import type { Log, LogFields } from '../world.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

const SEVERITY = { error: 50, warn: 40, info: 30, debug: 20 } as const satisfies Record<
  LogLevel,
  number
>

export interface NodeLog extends Log {
  /** Writes out what is queued; call it before the process ends. */
  flush(): void
}

export interface NodeLogOptions {
  /** The file descriptor to write to: 1 or 2. */
  readonly fd: number
  /** Lines below it are dropped. */
  readonly level: LogLevel
}

export function nodeLog({ fd, level }: NodeLogOptions): NodeLog {
  const sink: Sink = isatty(fd) ? new TerminalSink(fd) : new JsonSink(fd)
  const log = logInto(sink, SEVERITY[level], {})
  return Object.assign(log, { flush: () => sink.flush() })
}

/** A log that says nothing: the default inside somebody else's process. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  with: () => silentLog,
}

interface Sink {
  write(level: LogLevel, message: string, fields: LogFields): void
  flush(): void
}

function logInto(sink: Sink, leastSeverity: number, bound: LogFields): Log {
  const write = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (SEVERITY[level] >= leastSeverity)
      sink.write(level, message, printable({ ...bound, ...fields }))
  }
  return {
    error: (message, fields) => write('error', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    info: (message, fields) => write('info', message, fields),
    debug: (message, fields) => write('debug', message, fields),
    with: fields => logInto(sink, leastSeverity, { ...bound, ...fields }),
  }
}

/** An error as plain fields: neither JSON nor a terminal shows one otherwise. */
function printable(fields: LogFields): LogFields {
  const shown: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    shown[name] =
      value instanceof Error
        ? { name: value.name, message: value.message, stack: value.stack }
        : value
  }
  return shown
}

class JsonSink implements Sink {
  readonly #fd: number
  #logger: Logger | undefined
  #queue: {
    readonly level: LogLevel
    readonly message: string
    readonly fields: LogFields
    readonly time: number
  }[] = []
  #isLoading = false

  constructor(fd: number) {
    this.#fd = fd
  }

  write(level: LogLevel, message: string, fields: LogFields): void {
    if (this.#logger !== undefined) {
      this.#logger[level](fields, message)
      return
    }
    this.#queue.push({ level, message, fields, time: Date.now() })
    if (this.#isLoading) return
    this.#isLoading = true
    import('pino').then(
      ({ pino }) => {
        const destination: DestinationStream = pino.destination({ fd: this.#fd, sync: true })
        // Neither the process id nor the host name: one broker, one stream. Level and time are as pino writes them.
        const options = { base: null, level: 'debug', timestamp: false } as const
        const queued = this.#queue
        this.#queue = []
        const early = pino(options, destination)
        for (const { level: was, message: said, fields: about, time } of queued)
          early[was]({ time, ...about }, said)
        this.#logger = pino({ ...options, timestamp: true }, destination)
      },
      () => this.flush(),
    )
  }

  flush(): void {
    for (const { level, message, fields, time } of this.#queue.splice(0)) {
      writeLine(
        this.#fd,
        `${JSON.stringify({ level: SEVERITY[level], time, ...fields, msg: message })}\n`,
      )
    }
  }
}

const COLOURS = {
  error: '\u001b[31m',
  warn: '\u001b[33m',
  info: '\u001b[32m',
  debug: '\u001b[90m',
} as const
const GREY = '\u001b[90m'
const PLAIN = '\u001b[0m'

class TerminalSink implements Sink {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  write(level: LogLevel, message: string, fields: LogFields): void {
    const time = new Date().toISOString().slice(11, 23)
    const about = Object.entries(fields).map(
      ([name, value]) => ` ${GREY}${name}=${PLAIN}${shortly(value)}`,
    )
    writeLine(
      this.#fd,
      `${GREY}${time}${PLAIN} ${COLOURS[level]}${level}${PLAIN} ${message}${about.join('')}\n`,
    )
  }

  flush(): void {
    return
  }
}

function shortly(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value)
    return JSON.stringify(value.message)
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
    ? value
    : (JSON.stringify(value) ?? 'undefined')
}

/** A log that cannot be written (its pipe is gone, its disk full) must not end the broker. */
function writeLine(fd: number, line: string): void {
  try {
    writeSync(fd, line)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
