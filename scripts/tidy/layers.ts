import { posix } from 'node:path'
import { importsOf } from './source-text.ts'
import { eachFile, type Finding, isPackageSource, type Tree } from './tree.ts'

/** Which package may know which. `admin` loads the broker lazily, for `varve start` and `varve log` only. */
const packages: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  broker: ['protocol'],
  client: ['protocol'],
  admin: ['protocol', 'client', 'broker'],
}

/**
 * The broker's layers from the bottom up: a folder or file knows what stands above it in this list, and nothing
 * below. A file named here stands apart from its folder. Those on one line do not know each other.
 */
const brokerLayers: readonly (readonly string[])[] = [
  ['assert.ts', 'world.ts'],
  ['memory', 'node'],
  ['log'],
  // Settings are read from the image, and decisions about the image ask what the settings say.
  ['metadata/change.ts'],
  ['metadata/image.ts'],
  ['config'],
  ['metadata'],
  ['replication'],
  ['purgatory'],
  ['coordinator'],
  ['handlers'],
  ['security'],
  ['server'],
  ['coordinators.ts'],
  ['broker.ts'],
  ['start-broker.ts', 'log-files.ts'],
  ['index.ts', 'main.ts', 'testcontainers.ts'],
]

/** Packages depend one way. */
export function packageDirection(tree: Tree): Finding {
  return eachFile(tree, isPackageSource, (path, { content }) => {
    const own = path.split('/')[1] ?? ''
    const allowed = packages[own]
    if (allowed === undefined)
      return [`${path}: the package ${own} has no place in the order of packages`]
    return importsOf(content).flatMap(target => {
      const other = /^@varve\/([^/]+)/.exec(target)?.[1] ?? packageByPath(path, target)
      if (other === undefined || other === own || allowed.includes(other)) return []
      return [`${path}: ${own} must not know ${other} (imports ${target})`]
    })
  })
}

function packageByPath(path: string, target: string): string | undefined {
  if (!target.startsWith('.')) return undefined
  const resolved = posix.join(posix.dirname(path), target)
  return resolved.startsWith('packages/') ? resolved.split('/')[1] : 'the rest of the repository'
}

/** Inside the broker, lower never imports higher. */
export function brokerLayering(tree: Tree): Finding {
  const source = 'packages/broker/src/'
  return eachFile(
    tree,
    path => isPackageSource(path) && path.startsWith(source),
    (path, { content }) => {
      const own = layerOf(path.slice(source.length))
      if (own === undefined)
        return [`${path}: this folder has no place in the layers of the broker`]
      return importsOf(content).flatMap(target => {
        if (!target.startsWith('.')) return []
        const resolved = posix.join(posix.dirname(path), target).slice(source.length)
        const other = layerOf(resolved)
        if (other === undefined)
          return [`${path}: ${target} has no place in the layers of the broker`]
        if (other.name === own.name || other.rank < own.rank) return []
        return [`${path}: ${own.name} must not know ${other.name} (imports ${target})`]
      })
    },
  )
}

function layerOf(path: string): { readonly name: string; readonly rank: number } | undefined {
  for (const name of [path, path.split('/')[0] ?? '']) {
    const rank = brokerLayers.findIndex(layer => layer.includes(name))
    if (rank !== -1) return { name, rank }
  }
  return undefined
}
