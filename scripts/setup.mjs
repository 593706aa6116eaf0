// Installs what is missing and builds what is stale. Plain JavaScript on Node's own modules: it runs before anything is installed.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** A set-up that cannot go on; the message is for the person at the terminal. */
export class SetupError extends Error {
  name = 'SetupError'
}

/** Leaves the repository at `directory` installed and built. When nothing changed since the last time, it starts no other program. */
export function setUp(directory) {
  const lock = contentHash([join(directory, 'package-lock.json')], directory)
  if (!isInstalled(directory, lock)) {
    say('Installing the dependencies (npm ci) ...')
    install(directory)
    remember(directory, { lock, sources: undefined })
  }
  const sources = sourcesHash(directory)
  if (!isBuilt(directory, sources)) {
    say('Building the packages ...')
    build(directory)
    remember(directory, { lock, sources })
  }
}

/** True when `node_modules` came from this lock file: our stamp says so, or npm wrote its own copy after the file last changed. */
export function isInstalled(directory, lock) {
  const installed = modifiedMs(join(directory, 'node_modules/.package-lock.json'))
  if (installed === undefined) return false
  if (readStamp(directory).lock === lock) return true
  return installed >= (modifiedMs(join(directory, 'package-lock.json')) ?? Infinity)
}

/** True when the last build saw these sources, and what it made of them is still there. */
export function isBuilt(directory, sources) {
  if (readStamp(directory).sources !== sources) return false
  return packageFolders(directory)
    .flatMap(entryPoints)
    .every(file => existsSync(file.replace(/src([\\/]\w+)\.ts$/, 'dist$1.js')))
}

/** The modules by which a package is entered: what others import, and its program if it has one. */
export function entryPoints(folder) {
  return ['index.ts', 'main.ts', 'testcontainers.ts']
    .map(name => join(folder, 'src', name))
    .filter(existsSync)
}

/** What the build's output depends on, as one hash over names and contents. */
export function sourcesHash(directory) {
  const folders = packageFolders(directory)
  const described = folders.map(folder => join(folder, 'package.json'))
  const recipe = ['tsconfig.json', 'package-lock.json', 'scripts/bundle.mjs']
  const shared = recipe.map(file => join(directory, file))
  const sources = folders.flatMap(folder => filesBelow(join(folder, 'src')))
  return contentHash([...shared, ...described, ...sources], directory)
}

export function remember(directory, stamp) {
  mkdirSync(join(directory, '.cache'), { recursive: true })
  writeFileSync(stampFile(directory), `${JSON.stringify(stamp)}\n`)
}

function readStamp(directory) {
  try {
    return JSON.parse(readFileSync(stampFile(directory), 'utf8'))
  } catch {
    // No stamp, or half of one: then nothing is known to be fresh.
    return {}
  }
}

const stampFile = directory => join(directory, '.cache/setup.json')

/** The folders of our own packages. */
export function packageFolders(directory) {
  const folder = join(directory, 'packages')
  return readdirSync(folder)
    .sort()
    .map(name => join(folder, name))
    .filter(path => existsSync(join(path, 'package.json')))
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesBelow(path) : [path]
    })
}

function contentHash(files, directory) {
  const hash = createHash('sha256')
  for (const file of files) {
    const content = existsSync(file) ? readFileSync(file) : 'missing'
    hash.update(`${file.slice(directory.length)} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}

const NPM_CI = ['ci', '--no-fund', '--no-audit', '--loglevel=error']

function install(directory) {
  // Under `npm start` the very npm that was typed is used; without it, the one in the path.
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm, ...NPM_CI]] : ['npm', NPM_CI]
  const options = { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] }
  const ended = spawnSync(command, args, {
    ...options,
    shell: !npm && process.platform === 'win32',
  })
  if (ended.status !== 0)
    throw new SetupError('The dependencies could not be installed: npm ci failed.')
}

function build(directory) {
  const bundler = join(directory, 'scripts/bundle.mjs')
  const options = { cwd: directory, stdio: 'inherit' }
  if (spawnSync(process.execPath, [bundler], options).status !== 0)
    throw new SetupError('The packages could not be built: see the errors above.')
}

/** To standard error, so that what the started program prints stays clean. */
function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}
