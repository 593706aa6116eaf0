import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isBuilt, isInstalled, remember, sourcesHash } from '../../../scripts/setup.mjs'

const folders: string[] = []

/** A repository in small: one package with a program, installed and built. */
function repository(): { directory: string; write: (path: string, content: string) => void } {
  const directory = mkdtempSync(join(tmpdir(), 'varve-setup-'))
  folders.push(directory)
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  write('package-lock.json', '{}')
  write('tsconfig.json', '{}')
  write('packages/log/package.json', '{}')
  write('packages/log/src/index.ts', 'export const a = 1')
  write('packages/log/src/deep/segment.ts', 'export const b = 1')
  write('packages/log/src/main.ts', 'export {}')
  write('packages/log/dist/index.js', '')
  write('packages/log/dist/main.js', '')
  write('scripts/bundle.mjs', '')
  write('node_modules/.package-lock.json', '{}')
  return { directory, write }
}

function touch(path: string, seconds: number): void {
  utimesSync(path, seconds, seconds)
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('the build stamp', () => {
  it('is fresh when nothing changed since the build', () => {
    const { directory } = repository()
    remember(directory, { lock: 'l', sources: sourcesHash(directory) })
    expect(isBuilt(directory, sourcesHash(directory))).toBe(true)
  })

  it('is stale before the first build', () => {
    const { directory } = repository()
    expect(isBuilt(directory, sourcesHash(directory))).toBe(false)
  })

  it('ignores when a file was touched and its content stayed', () => {
    const { directory } = repository()
    remember(directory, { lock: 'l', sources: sourcesHash(directory) })
    touch(join(directory, 'packages/log/src/index.ts'), 1)
    expect(isBuilt(directory, sourcesHash(directory))).toBe(true)
  })

  it.each([
    ['packages/log/src/deep/segment.ts', 'a source'],
    ['packages/log/src/deep/new.ts', 'a new source'],
    ['packages/log/package.json', 'a package.json'],
    ['tsconfig.json', 'the compiler options'],
    ['package-lock.json', 'the lock file'],
    ['scripts/bundle.mjs', 'what builds'],
  ])('is stale when %s (%s) changed', path => {
    const { directory, write } = repository()
    remember(directory, { lock: 'l', sources: sourcesHash(directory) })
    write(path, 'changed')
    expect(isBuilt(directory, sourcesHash(directory))).toBe(false)
  })

  it('is stale when content moved between files', () => {
    const { directory, write } = repository()
    const before = sourcesHash(directory)
    write('packages/log/src/index.ts', 'export const b = 1')
    write('packages/log/src/deep/segment.ts', 'export const a = 1')
    expect(sourcesHash(directory)).not.toBe(before)
  })

  it.each(['index.js', 'main.js'])('is stale when %s was deleted', output => {
    const { directory } = repository()
    remember(directory, { lock: 'l', sources: sourcesHash(directory) })
    rmSync(join(directory, 'packages/log/dist', output))
    expect(isBuilt(directory, sourcesHash(directory))).toBe(false)
  })

  it('is stale when the stamp is half written', () => {
    const { directory, write } = repository()
    write('.cache/setup.json', '{"lock":')
    expect(isBuilt(directory, sourcesHash(directory))).toBe(false)
  })
})

describe('the installation', () => {
  it('is missing without node_modules', () => {
    const { directory } = repository()
    remember(directory, { lock: 'lock 1', sources: undefined })
    rmSync(join(directory, 'node_modules'), { recursive: true })
    expect(isInstalled(directory, 'lock 1')).toBe(false)
  })

  it('is current when it was made by us from this lock file, whatever the times say', () => {
    const { directory } = repository()
    remember(directory, { lock: 'lock 1', sources: undefined })
    touch(join(directory, 'node_modules/.package-lock.json'), 1)
    expect(isInstalled(directory, 'lock 1')).toBe(true)
  })

  it('is current when npm wrote it after the lock file, though we did not run it', () => {
    const { directory } = repository()
    touch(join(directory, 'package-lock.json'), 1)
    expect(isInstalled(directory, 'lock 1')).toBe(true)
  })

  it('is stale when the lock file changed since', () => {
    const { directory } = repository()
    remember(directory, { lock: 'lock 1', sources: undefined })
    touch(join(directory, 'node_modules/.package-lock.json'), 1)
    expect(isInstalled(directory, 'lock 2')).toBe(false)
  })
})
