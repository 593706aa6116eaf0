import { posix } from 'node:path'
import { eachFile, type Finding, isSource, type Tree } from './tree.ts'

const heaps = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'types', 'misc'])

/** One file, one idea, named after it, in kebab-case: a heap has no idea. */
export function fileNames(tree: Tree): Finding {
  return eachFile(tree, isSource, path => {
    const base = posix.basename(path)
    const stem = base.split('.')[0] ?? ''
    const folders = posix.dirname(path).split('/')
    const problems: string[] = []
    if (heaps.has(stem) || folders.some(folder => heaps.has(folder))) {
      problems.push(`${path}: name the idea; a heap has none`)
    }
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(base))
      problems.push(`${path}: file names are kebab-case`)
    return problems
  })
}
