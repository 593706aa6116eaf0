import { parseArgs } from 'node:util'
import { compareTable, compareVersion } from './protocol/compare.ts'
import { messagesByName } from './protocol/messages.ts'
import { readReference, versionRange } from './protocol/reference.ts'
import { outOfScope } from './protocol/scope.ts'

/**
 * Compares every table with the schemas of the protocol reference (`check-protocol.ts --reference DIR`, several times for
 * directories that overlay each other). A table passes when nothing differs in any of its versions; a message of the reference
 * without a table fails, unless it is out of scope.
 */
const main = (): number => {
  const { values } = parseArgs({ options: { reference: { type: 'string', multiple: true } } })
  if (values.reference === undefined) {
    console.error('usage: check-protocol.ts --reference DIR [--reference DIR]...')
    return 2
  }
  const reference = readReference(values.reference)
  let passed = 0
  let failed = 0
  for (const [name, message] of messagesByName) {
    const differences: string[] = []
    const theirs = reference.get(name)
    if (theirs === undefined) {
      differences.push('the reference does not have it')
    } else {
      // Only the schema of the request says that the latest version of an API is unstable.
      const request = reference.get(name.replace(/Response$/, 'Request')) ?? theirs
      const latest = request.latestVersionUnstable === true ? 'unstable' : 'stable'
      differences.push(...compareTable(message, theirs, latest))
      for (let version = message.versions[0]; version <= message.versions[1]; version++) {
        differences.push(...compareVersion(message, theirs, version))
      }
    }
    for (const difference of differences) console.log(`${name}: ${difference}`)
    if (differences.length === 0) passed++
    else failed++
  }
  let left = 0
  for (const [name, { validVersions }] of reference) {
    const [first, last] = versionRange(validVersions)
    if (messagesByName.has(name) || last < first) continue
    if (outOfScope(name, first) === undefined) {
      console.log(`${name}: has no table, and nothing excuses it`)
      failed++
    } else left++
  }
  console.log(`${passed} passed, ${failed} failed, ${left} out of scope`)
  return failed === 0 ? 0 : 1
}

process.exitCode = main()
