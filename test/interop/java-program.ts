import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { end } from '../support/processes.ts'

export interface JavaProgramOptions {
  /** For messages. */
  readonly name: string
  readonly classPath: readonly string[]
  /** The class whose main method is run. */
  readonly program: string
  readonly args: readonly string[]
  /** The loggers of which what they say at INFO comes too. */
  readonly heard?: readonly string[]
}

const LOOK_MS = 20

/** A program in a JVM of its own that runs until it is ended: what it prints is kept, line by line. */
export class JavaProgram {
  readonly lines: string[] = []
  /** What it logged: warnings and errors, and what is heard of it besides. */
  readonly complaints: string[] = []
  readonly #name: string
  readonly #child: ChildProcess

  constructor({ name, classPath, program, args, heard = [] }: JavaProgramOptions) {
    this.#name = name
    this.#child = spawn(
      'java',
      [
        ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        ...heard.map(logger => `-Dorg.slf4j.simpleLogger.log.${logger}=info`),
        ...['-cp', classPath.join(':'), program, ...args],
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    )
    this.#child.stdin?.on('error', () => undefined)
    keepLines(this.#child.stdout, this.lines)
    keepLines(this.#child.stderr, this.complaints)
  }

  get isEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  tell(command: string): void {
    this.#child.stdin?.write(`${command}\n`)
  }

  /** Resolves when one of its lines is that. */
  async says(line: string, withinMs: number): Promise<void> {
    await until(`${this.#name} says “${line}”`, withinMs, () => {
      if (this.lines.includes(line)) return true
      if (this.isEnded) throw new Error(`${this.#name} ended: ${this.account()}`)
      return false
    })
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL')
  }

  /** SIGTERM, and SIGKILL for one that takes too long. */
  async stop(): Promise<void> {
    await end(this.#child, 'SIGTERM', 30_000)
  }

  /** Its last words, for the message of a failure. */
  account(): string {
    const complaints = this.complaints.filter(line => !/^\[.*\] INFO /.test(line))
    const said = [...this.lines.slice(-5), ...complaints.slice(-12)]
    return `${this.#name} said ${said.join(' | ')}`
  }
}

function keepLines(stream: ChildProcess['stdout'], lines: string[]): void {
  let rest = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
}

/** Looks again and again; fails when what is said does not come about in time. */
export async function until(
  what: string,
  withinMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`)
    await delay(LOOK_MS)
  }
}

/** Compiles one source into a folder of classes. */
export function compileJava(given: {
  readonly source: string
  readonly jars: string
  readonly classes: string
}): void {
  const { source, jars, classes } = given
  execFileSync('javac', ['-Xlint:none', '-nowarn', '-cp', jars, '-d', classes, source], {
    stdio: 'pipe',
  })
}
