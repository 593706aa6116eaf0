import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The repository as a value: path from its root to content. A file too large to be a source has its size only. */
export type Tree = ReadonlyMap<string, TreeFile>

export interface TreeFile {
  readonly content: string
  readonly sizeBytes: number
}

/** What a rule found. A rule that looked at nothing has not passed: its glob or its parser broke. */
export interface Finding {
  readonly looked: number
  readonly problems: readonly string[]
}

export type Rule = (tree: Tree) => Finding

const skipped = new Set(['node_modules', 'dist', '.git', '.cache', 'data', 'coverage'])
const LARGEST_TEXT_BYTES = 4 * 1024 * 1024

export function readTree(root: string): Tree {
  const tree = new Map<string, TreeFile>()
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path)
      } else if (entry.isFile()) {
        const sizeBytes = statSync(join(root, path)).size
        const content = sizeBytes > LARGEST_TEXT_BYTES ? '' : readFileSync(join(root, path), 'utf8')
        tree.set(path, { content, sizeBytes })
      }
    }
  }
  walk('')
  return tree
}

/** A tree from literals, for tests. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return new Map(
    Object.entries(files).map(([path, content]) => [path, { content, sizeBytes: content.length }]),
  )
}

/** Applies `check` to every file that `wanted` accepts, and counts them. */
export function eachFile(
  tree: Tree,
  wanted: (path: string) => boolean,
  check: (path: string, file: TreeFile) => readonly string[],
): Finding {
  const files = [...tree].filter(([path]) => wanted(path))
  return { looked: files.length, problems: files.flatMap(([path, file]) => check(path, file)) }
}

export const isPackageSource = (path: string): boolean =>
  /^packages\/[^/]+\/src\/.*\.ts$/.test(path) && !path.endsWith('.d.ts')

export const isSource = (path: string): boolean =>
  /^(packages\/[^/]+\/src|scripts|test)\/.*\.(ts|mts|mjs)$/.test(path)
