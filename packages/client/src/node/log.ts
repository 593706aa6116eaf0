import type { Log, LogFields } from '../log.ts'

/** The default log: warnings and errors on standard error, one line each, and nothing else. */
export const stderrLog: Log = {
  error: (message, fields) => write('error', message, fields),
  warn: (message, fields) => write('warn', message, fields),
  info: () => {},
  debug: () => {},
}

function write(level: string, message: string, fields: LogFields | undefined): void {
  process.stderr.write(
    `varve client ${level}: ${message} ${JSON.stringify(fields ?? {}, printable)}\n`,
  )
}

function printable(_name: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}
