import { readFileSync } from 'node:fs'
import yargs, { type Argv } from 'yargs'
import { CommandError, OutputClosedError, UsageError } from './command-error.ts'
import { commands } from './commands.ts'
import type { Terminal } from './terminal.ts'

/** Done. */
export const DONE = 0
/** Understood, but refused or failed. */
export const FAILED = 1
/** Not understood. */
export const MISUSED = 2
/** Interrupted before it was done: 128 + SIGINT, as shells have it. */
export const INTERRUPTED = 130

/** Runs `varve` with these arguments and returns its exit code. It never throws, and never ends the process. */
export async function runVarve(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await parse(args, terminal)
    return DONE
  } catch (error) {
    if (error instanceof OutputClosedError) return DONE
    if (terminal.interrupted.aborted) return INTERRUPTED
    terminal.say(`varve: ${sentenceOf(error)}`)
    return error instanceof UsageError ? MISUSED : FAILED
  }
}

async function parse(args: readonly string[], terminal: Terminal): Promise<void> {
  const parser = newParser(terminal)
  for (const register of commands) register(parser, terminal)
  let help = ''
  await parser.parseAsync(args, {}, (_error, _options, output) => {
    help = output
  })
  if (help !== '') await terminal.write(`${help}\n`)
}

/** The program without its commands. It throws what it does not understand as a `UsageError`. */
export function newParser(terminal: Pick<Terminal, 'columns'>): Argv<object> {
  return yargs()
    .scriptName('varve')
    .usage('$0 <command>\n\nWorks with Varve and any other Kafka-compatible broker.')
    .locale('en')
    .version(packageVersion())
    .help()
    .alias({ help: 'h' })
    .strict()
    .recommendCommands()
    .demandCommand(1, 'Name a command; see varve --help')
    .wrap(terminal.columns)
    .example('$0 start', 'a broker on 127.0.0.1:9092, its data in ./data')
    .example('$0 topics create orders --partitions 3', '')
    .example("echo 'hello' | $0 produce orders", '')
    .example('$0 consume orders --follow --json', '')
    .epilogue(
      'Exit codes: 0 done, 1 refused or failed, 2 not understood. ' +
        'VARVE_BOOTSTRAP_SERVER stands in for --bootstrap-server.',
    )
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(message ?? 'The command cannot be understood')
    })
}

function packageVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}

/** One line for the user: the message, and for an unexpected error its kind too. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [line = ''] = error.message.split('\n')
  const isOurs = error instanceof UsageError || error instanceof CommandError
  const isUnexpected = !isOurs && error.name !== 'Error' && !('code' in error)
  return isUnexpected ? `${error.name}: ${line}` : line
}
