import { eachFile, type Finding, type Tree } from './tree.ts'

/** The lock file names no registry: each place installs from its own. */
export function lockFile(tree: Tree): Finding {
  return eachFile(
    tree,
    path => path === 'package-lock.json',
    (path, { content }) =>
      content
        .split('\n')
        .flatMap((line, index) =>
          /"resolved": "(https?|git)/.test(line)
            ? [`${path}:${index + 1}: names a registry's host`]
            : [],
        ),
  )
}
