import { readFileSync } from 'node:fs'
import { checkVector, isInScope, parseVectors } from './protocol/vectors.ts'

/** Runs golden vectors (`check-vectors.ts FILE.jsonl...`) through both codecs; fails if one of them fails. */
const main = (files: readonly string[]): number => {
  if (files.length === 0) {
    console.error('usage: check-vectors.ts FILE.jsonl...')
    return 2
  }
  let passed = 0
  let failed = 0
  let outOfScope = 0
  for (const vector of files.flatMap(file => parseVectors(readFileSync(file, 'utf8')))) {
    if (!isInScope(vector)) {
      outOfScope++
      continue
    }
    const problems = checkVector(vector)
    for (const problem of problems) {
      console.log(`${vector.name} v${vector.version} ${vector.variant}: ${problem}`)
    }
    if (problems.length === 0) passed++
    else failed++
  }
  console.log(`${passed} passed, ${failed} failed, ${outOfScope} out of scope`)
  return failed === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
