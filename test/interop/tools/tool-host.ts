import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** How one of Kafka's tools ended, and all that it printed. */
export interface ToolResult {
  readonly code: number
  readonly output: string
}

export interface ToolRun {
  /** The class whose main method is the tool. */
  readonly program: string
  readonly args: readonly string[]
  readonly input?: string
  /** Tools that run for ever are interrupted after this. */
  readonly withinMs?: number
}

/** Kafka's own tools, in one Java process for all their runs. */
export interface ToolHost {
  readonly run: (run: ToolRun) => Promise<ToolResult>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const WITHIN_MS = 40_000

/** Starts the tools that `install.sh` left in `cache`. */
export function startToolHost(cache: string): ToolHost {
  const child = spawn(
    'java',
    [
      ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=off',
      ...['-cp', join(cache, 'server/jars/*')],
      fileURLToPath(new URL('../java/AdminTools.java', import.meta.url)),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const closed = once(child, 'close')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async run({ program, args, input = '', withinMs = WITHIN_MS }) {
      const words = [input, ...args].map(word => Buffer.from(word).toString('base64'))
      child.stdin.write(`${[program, String(withinMs), ...words].join('\t')}\n`)
      const timer = setTimeout(() => child.kill('SIGKILL'), withinMs + 10_000)
      const { value, done } = await answers.next()
      clearTimeout(timer)
      if (done === true) throw new Error(`${program} gave no answer to ${args.join(' ')}`)
      const [code, output = ''] = String(value).split('\t')
      return { code: Number(code), output: Buffer.from(output, 'base64').toString() }
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await closed
    },
  }
}
