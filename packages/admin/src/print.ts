import type { Argv } from 'yargs'
import { printableLines } from './printable.ts'
import type { Terminal } from './terminal.ts'

/** The option of every command that prints data. */
export interface PrintOptions {
  readonly json: boolean
}

/** Adds `--json`. */
export function printOptions(yargs: Argv<object>): Argv<object> {
  return yargs.option('json', {
    type: 'boolean',
    default: false,
    describe: 'Print JSON, for programs',
  })
}

/** Prints data as JSON or, made by `text`, for people. */
export async function print(
  options: PrintOptions,
  terminal: Terminal,
  result: { readonly data: unknown; readonly text: () => string },
): Promise<void> {
  const text = options.json ? `${JSON.stringify(result.data, undefined, 2)}\n` : result.text()
  await terminal.write(printableLines(text))
}
