import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { bundle } from '../../../scripts/bundle.mjs'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

it('joins the modules of a package into the one that is imported, and makes the compiler forget it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bundle-'))
  folders.push(folder)
  mkdirSync(join(folder, 'dist/deep'), { recursive: true })
  const write = (path: string, content: string) =>
    writeFileSync(join(folder, 'dist', path), content)
  write('index.js', "export * from './deep/sum.js'\nexport { join } from 'node:path'\n")
  write('deep/sum.js', "import { one } from './one.js'\nexport const two = one + one\n")
  write('deep/one.js', 'export const one = 1\n')
  write('.tsbuildinfo', '{}')

  await bundle(folder)

  const index = join(folder, 'dist/index.js')
  expect(readFileSync(index, 'utf8')).not.toMatch(/from ['"]\./)
  expect(existsSync(join(folder, 'dist/.tsbuildinfo'))).toBe(false)
  const { two, join: joined } = (await import(pathToFileURL(index).href)) as {
    two: number
    join: typeof join
  }
  expect([two, joined('a', 'b')]).toEqual([2, join('a', 'b')])
})
