import { readFileSync } from 'node:fs'
import { checkFormats, type FormatVectors } from './protocol/formats/check.ts'
import { outOfScope } from './protocol/scope.ts'
import { checkVector, parseVectors } from './protocol/vectors.ts'

/**
 * Runs golden vectors (`check-vectors.ts FILE...`); fails if one of them fails. A `.jsonl` file holds messages, which go through
 * both codecs; a `.json` file holds record batches, files, requests of real clients, hashes and varints.
 */
const main = (files: readonly string[]): number => {
  if (files.length === 0) {
    console.error('usage: check-vectors.ts FILE.jsonl|FILE.json...')
    return 2
  }
  const failures = files.map(file => {
    const text = readFileSync(file, 'utf8')
    console.log(file)
    return file.endsWith('.jsonl') ? runMessages(text) : runFormats(text)
  })
  return failures.every(failed => failed === 0) ? 0 : 1
}

const runMessages = (text: string): number => {
  let passed = 0
  let failed = 0
  const left = new Map<string, number>()
  for (const vector of parseVectors(text)) {
    const reason = outOfScope(vector.name, vector.version)
    if (reason !== undefined) {
      left.set(reason, (left.get(reason) ?? 0) + 1)
      continue
    }
    const problems = checkVector(vector)
    for (const problem of problems) {
      console.log(`${vector.name} v${vector.version} ${vector.variant}: ${problem}`)
    }
    if (problems.length === 0) passed++
    else failed++
  }
  let outside = 0
  for (const [reason, count] of left) {
    console.log(`  out of scope, ${reason}: ${count}`)
    outside += count
  }
  console.log(`  ${passed} passed, ${failed} failed, ${outside} out of scope`)
  return failed
}

const runFormats = (text: string): number => {
  let failed = 0
  for (const { name, passed, problems, writtenAlike } of checkFormats(
    JSON.parse(text) as FormatVectors,
  )) {
    for (const problem of problems) console.log(problem)
    const alike = writtenAlike === undefined ? '' : ` (${writtenAlike} written with the same bytes)`
    console.log(`  ${name}: ${passed} passed${alike}, ${problems.length} problems`)
    failed += problems.length
  }
  return failed
}

process.exitCode = main(process.argv.slice(2))
