import { eachFile, type Finding, type Tree } from './tree.ts'

/** The lock file names no registry (each place installs from its own), and every optional package that a locked one names. */
export function lockFile(tree: Tree): Finding {
  return eachFile(
    tree,
    path => path === 'package-lock.json',
    (path, { content }) => [...hostsNamed(path, content), ...optionalMissing(path, content)],
  )
}

function hostsNamed(path: string, content: string): string[] {
  return content
    .split('\n')
    .flatMap((line, index) =>
      /"resolved": "(https?|git)/.test(line)
        ? [`${path}:${index + 1}: names a registry's host`]
        : [],
    )
}

interface Lock {
  readonly packages?: {
    readonly [path: string]: { readonly optionalDependencies?: { readonly [name: string]: string } }
  }
}

/**
 * `npm ci` refuses a lock file without an entry for each platform's binary, and an installation on one platform, or from a
 * registry that lacks some of them, writes one without.
 */
function optionalMissing(path: string, content: string): string[] {
  const { packages = {} } = JSON.parse(content) as Lock
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(name => packages[`node_modules/${name}`] === undefined)
      .filter(name => packages[`${owner}/node_modules/${name}`] === undefined)
      .map(name => `${path}: ${owner} may need ${name}, which has no entry`),
  )
}
