/** `tsx scripts/tidy.ts`: the rules of the house that no linter knows. Prints what is wrong, and ends with 1 when something is. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ApiTable, goldenBytes } from './tidy/golden.ts'
import { rules } from './tidy/rules.ts'
import { type Finding, readTree } from './tidy/tree.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tree = readTree(root)

async function apiTables(): Promise<readonly ApiTable[]> {
  const { apis } = await import('@varve/protocol')
  return [...apis.values()]
}

const findings: [string, Finding][] = Object.entries(rules).map(([name, rule]) => [
  name,
  rule(tree),
])
findings.push(['every version of every API has golden bytes', goldenBytes(tree, await apiTables())])

let wrong = 0
for (const [name, { looked, problems }] of findings) {
  if (looked === 0) report(name, ['looked at nothing, which is no pass'])
  else if (problems.length > 0) report(name, problems)
}

function report(name: string, problems: readonly string[]): void {
  wrong += problems.length
  console.log(`${name}:`)
  for (const problem of problems) console.log(`  ${problem}`)
}

const looked = findings.reduce((sum, [, finding]) => sum + finding.looked, 0)
console.log(`tidy: ${findings.length} rules looked ${looked} times, ${wrong} problems`)
process.exitCode = wrong === 0 ? 0 : 1
