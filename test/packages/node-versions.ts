import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** The majors that the packages are for, beside the one that runs this. */
const MAJORS = [20, 22, 24]

/** A folder with a `node` program. */
export interface NodeVersion {
  readonly folder: string
  readonly version: string
}

/** The Node that runs this first, then the newest of each other major, from the registry's `node` package into the cache. */
export function* nodeVersions(): Generator<NodeVersion> {
  const [running] = process.versions.node.split('.').map(Number)
  yield { folder: dirname(process.execPath), version: process.versions.node }
  for (const major of MAJORS.filter(each => each !== running)) yield installed(major)
}

function installed(major: number): NodeVersion {
  const cache = join(process.env['VARVE_CACHE'] ?? join(homedir(), '.cache'), 'varve-interop/node')
  const project = join(cache, `${major}`)
  const program = join(project, 'node_modules/node/bin/node')
  if (!existsSync(program)) {
    mkdirSync(project, { recursive: true })
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n')
    const args = ['install', '--no-fund', '--no-audit', '--loglevel=error', `node@${major}`]
    spawnSync('npm', args, { cwd: project, stdio: 'inherit' })
  }
  const asked = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (asked.status !== 0) throw new Error(`Node ${major} could not be installed into ${project}.`)
  return { folder: dirname(program), version: asked.stdout.trim().slice(1) }
}
