import { codeOnly, importsOf } from './source-text.ts'
import { eachFile, type Finding, type Tree } from './tree.ts'

const folder = 'packages/broker/src/handlers/'

/** A handler that is not in the list answers nobody: every file that declares one is imported by `handlers/index.ts` and used there. */
export function handlersListed(tree: Tree): Finding {
  const index = tree.get(`${folder}index.ts`)?.content ?? ''
  const listed = new Set(importsOf(index))
  const declares = (path: string): boolean =>
    path.startsWith(folder) &&
    path.endsWith('.ts') &&
    /=\s*handler(<[^(]*>)?\(/.test(codeOnly(tree.get(path)?.content ?? ''))
  return eachFile(tree, declares, (path, { content }) => {
    const target = `./${path.slice(folder.length)}`
    if (!listed.has(target)) return [`${path}: is not in handlers/index.ts`]
    const names = [...content.matchAll(/export const (\w+) = handler/g)].map(
      match => match[1] ?? '',
    )
    const uses = codeOnly(index)
    return names
      .filter(name => (uses.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length < 2)
      .map(name => `${path}: ${name} is imported by handlers/index.ts, but not in its list`)
  })
}
