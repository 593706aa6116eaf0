import { Readable } from 'node:stream'
import { runVarve, type Terminal } from '../../packages/admin/src/index.ts'

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number
  readonly output: string
  readonly said: string
}

export interface CommandSetting {
  readonly input?: string | AsyncIterable<Uint8Array>
  readonly environment?: { readonly [name: string]: string }
  /** What somebody at the keyboard types when asked, perhaps after a while; without it nobody is there. */
  readonly answer?: string | (() => Promise<string>)
  readonly interrupted?: AbortSignal
  /** Called with each piece of output, before it is kept. May throw, as a closed output does. */
  readonly onOutput?: (text: string) => void
}

/** Runs `varve` with these arguments in this process, with a terminal that keeps what is written. */
export async function runCommand(
  args: readonly string[],
  setting: CommandSetting = {},
): Promise<CommandResult> {
  let output = ''
  let said = ''
  const { input = '', answer } = setting
  const terminal: Terminal = {
    input: typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input,
    async write(text) {
      setting.onOutput?.(text)
      output += text
    },
    say(line) {
      said += `${line}\n`
    },
    isInteractive: answer !== undefined,
    async ask(question) {
      said += `${question}\n`
      return typeof answer === 'function' ? answer() : (answer ?? '')
    },
    columns: 100,
    environment: setting.environment ?? {},
    interrupted: setting.interrupted ?? new AbortController().signal,
  }
  const code = await runVarve(args, terminal)
  return { code, output, said }
}
