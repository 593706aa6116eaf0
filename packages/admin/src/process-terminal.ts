import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { OutputClosedError } from './command-error.ts'
import { printable } from './printable.ts'
import type { Terminal } from './terminal.ts'

/** The terminal of this process. A second interrupt ends it at once, as if nobody had listened. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupt.abort())
  }
  // Who waits for a line then waits no longer.
  interrupt.signal.addEventListener('abort', () => stdin.destroy())
  let outputError: Error | undefined
  // Without a listener, a reader that goes away would end the process with a stack trace.
  stdout.on('error', (error: Error) => {
    outputError = error
  })
  stderr.on('error', () => undefined)
  return {
    input: stdin,
    async write(text) {
      if (outputError === undefined && !stdout.write(text)) {
        await once(stdout, 'drain', { signal: interrupt.signal }).catch((error: Error) => {
          outputError ??= error
        })
      }
      if (outputError !== undefined) {
        throw new OutputClosedError('Standard output is closed', { cause: outputError })
      }
    },
    say: line => void stderr.write(`${printable(line)}\n`),
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    async ask(question) {
      const lines = createInterface({ input: stdin, output: stderr })
      try {
        return await lines.question(question, { signal: interrupt.signal })
      } finally {
        lines.close()
      }
    },
    columns: Math.min(stdout.columns ?? 100, 120),
    environment: process.env,
    interrupted: interrupt.signal,
  }
}
