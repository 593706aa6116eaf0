import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** How Kafka's own tool ended, and all that it printed. */
export interface ToolResult {
  readonly code: number
  readonly output: string
}

/** Kafka's own `kafka-consumer-groups`, in one Java process for all its runs. */
export interface KafkaTools {
  readonly run: (args: readonly string[]) => Promise<ToolResult>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const ANSWER_MS_MAX = 60_000

/** Whether `install.sh` found what it takes to install the tools. */
export function hasKafkaTools(cache: string): boolean {
  return existsSync(join(cache, 'tools/jars'))
}

/** Starts the tools that `install.sh` left in `cache`. */
export function startKafkaTools(cache: string): KafkaTools {
  const child = spawn(
    'java',
    [
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
      '-cp',
      join(cache, 'tools/jars/*'),
      fileURLToPath(new URL('java/Tools.java', import.meta.url)),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const closed = once(child, 'close')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async run(args) {
      child.stdin.write(`${args.join('\t')}\n`)
      const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_MS_MAX)
      const { value, done } = await answers.next()
      clearTimeout(timer)
      if (done === true) throw new Error(`Kafka's tool gave no answer to ${args.join(' ')}`)
      const [code, output = ''] = String(value).split('\t')
      return { code: Number(code), output: Buffer.from(output, 'base64').toString() }
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await closed
    },
  }
}
