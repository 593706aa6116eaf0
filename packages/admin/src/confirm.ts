import type { Argv } from 'yargs'
import { CommandError } from './command-error.ts'
import type { Terminal } from './terminal.ts'

/** The options of every command that loses something. */
export interface ConfirmOptions {
  readonly yes: boolean
  readonly dryRun: boolean
}

/** Adds `--yes` and `--dry-run`. */
export function confirmOptions(yargs: Argv<object>): Argv<object> {
  return yargs
    .option('yes', {
      alias: 'y',
      type: 'boolean',
      default: false,
      describe: 'Do not ask. Without it somebody must confirm, so a script needs it',
    })
    .option('dry-run', {
      type: 'boolean',
      default: false,
      describe: 'Only say what would be lost',
    })
}

export interface Question {
  /** What would be lost, a line each. */
  readonly losses: readonly string[]
  /** What somebody must confirm, as in `the records may be lost`. */
  readonly that: string
  readonly question: string
  /** What is true when they do not, as in `Nothing was deleted`. */
  readonly otherwise: string
}

/** Has somebody confirm a loss; throws a `CommandError` when they do not, or when nobody is there. */
export async function confirm(
  { losses, that, question, otherwise }: Question,
  terminal: Terminal,
): Promise<void> {
  for (const loss of losses) terminal.say(loss)
  if (!terminal.isInteractive) {
    throw new CommandError(
      `Nobody is there to confirm that ${that}; say --yes, or --dry-run to see`,
    )
  }
  const answer = await terminal.ask(`${question} Type yes: `)
  if (answer.trim().toLowerCase() !== 'yes') throw new CommandError(otherwise)
}
