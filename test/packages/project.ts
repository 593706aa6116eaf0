import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** An empty project of a user, under one Node. */
export class Project implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'varve-project-'))
  readonly #env: NodeJS.ProcessEnv

  /** `nodeFolder` has the `node` that this project runs under. */
  constructor(nodeFolder: string) {
    const PATH = [nodeFolder, process.env['PATH']].join(delimiter)
    // Nothing of the npm that runs this reaches the user's.
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^npm_(?!config_cache)/i.test(name),
    )
    this.#env = { ...Object.fromEntries(inherited), PATH, npm_config_loglevel: 'error' }
    this.write('package.json', '{ "private": true, "type": "module" }\n')
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  install(packages: readonly string[]): void {
    this.run('npm', ['install', '--no-fund', '--no-audit', ...packages])
  }

  /** Runs to the end, and gives what was printed; throws with it when that was a failure. */
  run(command: string, args: readonly string[], input?: string): string {
    const ended = spawnSync(command, args, {
      cwd: this.folder,
      env: this.#env,
      encoding: 'utf8',
      timeout: 180_000,
      ...(input === undefined ? {} : { input }),
    })
    const printed = `${ended.stdout ?? ''}${ended.stderr ?? ''}${ended.error?.message ?? ''}`
    if (ended.status === 0) return printed
    throw new Error(`${command} ${args.join(' ')} ended with ${ended.status}: ${printed}`)
  }

  start(command: string, args: readonly string[]): ChildProcess {
    return spawn(command, args, { cwd: this.folder, env: this.#env, stdio: 'ignore' })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
