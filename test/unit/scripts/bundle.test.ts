import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bundle } from '../../../scripts/bundle.mjs'

let folder = ''

/** A package in small: what others import, and a program, over the same modules. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-bundle-'))
  write('package.json', '{ "type": "module" }')
  write('src/index.ts', "export * from './deep/counter.ts'\nexport { join } from 'node:path'\n")
  write('src/main.ts', "import { next } from './deep/counter.ts'\nexport const first = next()\n")
  write('src/deep/counter.ts', 'let last: number = 0\nexport const next = (): number => ++last\n')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('joins the modules of a package, and lets its program share them with those who import it', async () => {
  await bundle(folder)

  const { first } = await imported<{ first: number }>('main.js')
  const { next, join: joined } = await imported<{ next: () => number; join: typeof join }>(
    'index.js',
  )
  expect([first, next(), joined('a', 'b')]).toEqual([1, 2, join('a', 'b')])
  expect(scripts()).toEqual([expect.stringMatching(/^chunk-\w+\.js$/), 'index.js', 'main.js'])
})

it('leaves an import of a package that it depends on as it is', async () => {
  write('package.json', '{ "type": "module", "dependencies": { "@varve/protocol": "*" } }')
  write('src/main.ts', "export const other = () => import('@varve/protocol')\n")
  await bundle(folder)
  const { other } = await imported<{ other: () => Promise<unknown> }>('main.js')
  // Here is no such package: it was looked for now, not at the build.
  await expect(other()).rejects.toThrow('@varve/protocol')
})

it('takes in the checksums, which are dear to import', async () => {
  write('package.json', '{ "type": "module", "dependencies": { "crc-32": "*" } }')
  write('node_modules/crc-32/package.json', '{ "name": "crc-32", "version": "1.0.0" }')
  write('node_modules/crc-32/index.js', 'exports.buf = () => 7\n')
  write('src/main.ts', "import { buf } from 'crc-32'\nexport const sum = buf()\n")
  await bundle(folder)
  rmSync(join(folder, 'node_modules'), { recursive: true })
  expect(await imported('main.js')).toMatchObject({ sum: 7 })
})

it('removes the JavaScript of earlier builds, and nothing of the compiler', async () => {
  write('dist/deep/counter.js', '')
  write('dist/chunk-OLD.js.map', '')
  write('dist/index.d.ts', '')
  write('dist/.tsbuildinfo', '')
  await bundle(folder)
  const there = ['deep/counter.js', 'chunk-OLD.js.map', 'index.d.ts', '.tsbuildinfo'].map(file =>
    existsSync(join(folder, 'dist', file)),
  )
  expect(there).toEqual([false, false, true, true])
})

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

function scripts(): string[] {
  return readdirSync(join(folder, 'dist'))
    .filter(name => name.endsWith('.js'))
    .sort()
}

async function imported<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(folder, 'dist', name)).href)) as T
}
