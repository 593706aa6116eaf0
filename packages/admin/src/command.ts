import type { Argv } from 'yargs'
import type { Terminal } from './terminal.ts'

/** One command: the options it adds, and what it does. It lives in `commands/` under its own name. */
export interface Command<Options> {
  /** Adds options, positional arguments and examples. What they parse to is `Options`, which yargs's types cannot tell: there, names keep their dashes. */
  options(yargs: Argv<object>): Argv<object>
  run(options: Options, terminal: Terminal): Promise<void>
}

/** Adds a command to yargs. */
export type Register = (yargs: Argv<object>, terminal: Terminal) => Argv<object>

/**
 * A command that is loaded when it is called or its help is asked for: the start of the program does not pay for all the others.
 * `usage` names it and its positional arguments.
 */
export function lazyCommand<Options>(
  usage: string,
  about: string,
  load: () => Promise<Command<Options>>,
): Register {
  return (yargs, terminal) =>
    yargs.command({
      command: usage,
      describe: about,
      builder: async (inner: Argv<object>) => (await load()).options(inner),
      handler: async options => (await load()).run(options as Options, terminal),
    })
}

/** A noun, under which its verbs stand: `varve topics create`. */
export function noun(name: string, about: string, verbs: readonly Register[]): Register {
  return (yargs, terminal) =>
    yargs.command(name, about, inner => {
      for (const register of verbs) register(inner, terminal)
      return inner.demandCommand(1, `Say what to do with ${name}; see varve ${name} --help`)
    })
}
