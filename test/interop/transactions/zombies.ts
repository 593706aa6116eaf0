/** A producer that is stopped in the middle of a transaction, replaced, and woken up: nothing of it is ever read. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { end } from '../../support/processes.ts'
import type { TransactionKind } from './kinds.ts'

/** The whole of it, at most. */
const ZOMBIE_MS_MAX = 120_000

/** What is wrong with the zombie's own account; the topic is to hold `s0 s1 s2` afterwards, to readers of committed records. */
export async function zombieFaults(
  { zombie, succeed }: TransactionKind,
  at: {
    readonly bootstrap: string
    readonly topic: string
    readonly run: (command: ReturnType<TransactionKind['succeed']>) => Promise<string>
    readonly env: NodeJS.ProcessEnv
  },
): Promise<string[]> {
  const { program, args } = zombie(at)
  const child = spawn(program, args, { env: at.env, stdio: ['ignore', 'pipe', 'ignore'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), ZOMBIE_MS_MAX)
  try {
    const lines = linesOf(child)
    if (!(await lines.next('ready'))) return ['the zombie did not begin']
    child.kill('SIGSTOP')
    await at.run(succeed(at))
    child.kill('SIGCONT')
    if (await lines.next('refused')) return []
    return [`the zombie said ${lines.said.join()}`]
  } finally {
    clearTimeout(timer)
    await end(child, 'SIGKILL')
  }
}

function linesOf(child: ChildProcess) {
  const said: string[] = []
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  lines.on('line', line => said.push(line))
  const closed = once(lines, 'close')
  return {
    said,
    /** Whether the line comes before the program ends. */
    async next(wanted: string): Promise<boolean> {
      while (!said.includes(wanted)) {
        const ended = closed.then(() => 'ended')
        const event = await Promise.race([once(lines, 'line').catch(() => 'ended'), ended])
        if (event === 'ended') return said.includes(wanted)
      }
      return true
    },
  }
}
