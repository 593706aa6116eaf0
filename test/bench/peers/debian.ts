/** Programs out of Debian's packages, unpacked into a cache outside of the tree: nothing is installed, and nobody must be root. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peerCache } from './kafka-install.ts'

/** Either the folder that stands for `/`, or one sentence that says what is missing. */
export type Unpacked =
  | { readonly root: string; readonly version: string }
  | { readonly missing: string }

/** The first package is the one that is wanted, the others are what it needs beyond a plain system. */
export function unpackDebian(packages: readonly [string, ...string[]]): Unpacked {
  const [name] = packages
  const folder = join(peerCache(), 'debian', name)
  const marker = join(folder, '.unpacked')
  const root = join(folder, 'root')
  const wanted = packages.join(' ')
  if (existsSync(marker)) {
    const [unpacked, version = ''] = readFileSync(marker, 'utf8').split('\n')
    if (unpacked === wanted) return { root, version }
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const fetched = spawnSync('apt-get', ['download', '-q', ...packages], {
    ...{ cwd: folder, encoding: 'utf8' },
  })
  if (fetched.status !== 0) {
    return {
      missing: `${name} is left out: "apt-get download" could not fetch it, which takes a Debian or Ubuntu whose package lists are there (as root, "apt-get update").`,
    }
  }
  const files = readdirSync(folder).filter(file => file.endsWith('.deb'))
  for (const file of files) {
    const { status } = spawnSync('dpkg', ['-x', join(folder, file), root])
    if (status !== 0) return { missing: `${name} is left out: "dpkg -x" could not unpack ${file}.` }
  }
  const version = versionIn(files.find(file => file.startsWith(`${name}_`)) ?? '')
  writeFileSync(marker, `${wanted}\n${version}`)
  return { root, version }
}

/** Out of `redis-server_5%3a7.0.15-1~deb12u10_amd64.deb`, `7.0.15`. */
function versionIn(file: string): string {
  return /_(?:\d+%3a)?([\d.]+)/.exec(file)?.[1] ?? ''
}
