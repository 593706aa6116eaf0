import type { Finding, Tree } from './tree.ts'

/** What the rule needs of an API's table. */
export interface ApiTable {
  readonly name: string
  readonly versions: readonly [number, number]
}

/** Every version of every API has exact bytes from another implementation, for its request and its response. */
export function goldenBytes(tree: Tree, apis: readonly ApiTable[]): Finding {
  const have = new Set<string>()
  for (const [path, { content }] of tree) {
    if (!/^test\/golden\/.*\.jsonl$/.test(path)) continue
    for (const line of content.split('\n')) {
      if (line.trim() === '') continue
      const vector = JSON.parse(line) as { name?: string; version?: number }
      have.add(`${vector.name} v${vector.version}`)
    }
  }
  const wanted = apis.flatMap(({ name, versions: [first, last] }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap(version => [
      `${name}Request v${version}`,
      `${name}Response v${version}`,
    ]),
  )
  return {
    looked: wanted.length,
    problems: wanted
      .filter(name => !have.has(name))
      .map(name => `test/golden: has no bytes of ${name}`),
  }
}
