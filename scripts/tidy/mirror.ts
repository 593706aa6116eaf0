import { codeOnly } from './source-text.ts'
import { type Finding, isPackageSource, type Tree } from './tree.ts'
import { untested } from './untested.ts'

/**
 * Every source file with something to run has its test in the same place under `test/unit`. Without one are those that
 * only name things: types, errors, an `index.ts` that exports, and the tables of messages and settings, which golden
 * bytes and property tests cover as a whole.
 */
export function testMirror(tree: Tree, allowed: ReadonlySet<string> = untested): Finding {
  const sources = [...tree].filter(([path]) => isPackageSource(path))
  const problems = sources.flatMap(([path, { content }]) => {
    const test = mirrorOf(path)
    const needsTest = !isCoveredElsewhere(path) && hasCode(content)
    const has = tree.has(test)
    if (allowed.has(path))
      return has || !needsTest
        ? [`${path}: has its test now; take it off scripts/tidy/untested.ts`]
        : []
    return needsTest && !has ? [`${path}: has no ${test}`] : []
  })
  const gone = [...allowed].filter(path => !tree.has(path))
  return {
    looked: sources.length,
    problems: [
      ...problems,
      ...gone.map(path => `${path}: is gone; take it off scripts/tidy/untested.ts`),
    ],
  }
}

export function mirrorOf(path: string): string {
  return path.replace(/^packages\/([^/]+)\/src\//, 'test/unit/$1/').replace(/\.ts$/, '.test.ts')
}

const isCoveredElsewhere = (path: string): boolean =>
  /^packages\/protocol\/src\/(apis|metadata|groups|transactions|share-state)\/(?!records\.ts|consumer-protocol\.ts)/.test(
    path,
  ) || /^packages\/broker\/src\/config\/settings-[a-z-]+\.ts$/.test(path)

/** Declarations that say something and do nothing: a type, or an error with its fields. Each ends where the next line begins at the margin. */
const declarations =
  /^(export\s+)?((type|interface)\b|class \w+ extends \w*Error\b)[^\n]*(\n(?=[\s})]|\n)[^\n]*)*/gm

/** Types vanish when compiled, and `export ... from` only passes on. */
function hasCode(content: string): boolean {
  return /^(export\s+)?(async\s+)?(function|class)\b|=>|^(export\s+)?(const|let)\b.*[({]/m.test(
    codeOnly(content).replace(declarations, ''),
  )
}
