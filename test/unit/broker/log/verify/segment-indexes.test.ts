import { expect, it } from 'vitest'
import { openIndexChecks } from '../../../../../packages/broker/src/log/verify/segment-indexes.ts'
import { diskWithFolder, FOLDER, writeFile } from '../../../../support/log-parts.ts'

const NAME = '00000000000000000000'
const batch = { position: 0, baseOffset: 0, lastOffset: 1, maxTimestamp: 5 }

it('finds nothing wrong where there are no index files: they are built again', async () => {
  const checks = await openIndexChecks(FOLDER, { baseOffset: 0 }, await diskWithFolder())
  checks.pass(batch)
  expect(checks.end({ isSealed: true })).toEqual([])
  expect(checks.flaws).toEqual([])
})

it('finds index files that are damaged', async () => {
  const disk = await diskWithFolder()
  for (const kind of ['index', 'timeindex', 'txnindex']) writeFile(disk, `${NAME}.${kind}`, 'abc')
  const checks = await openIndexChecks(FOLDER, { baseOffset: 0 }, disk)
  checks.end({ isSealed: true })
  expect(checks.flaws.map(({ kind }) => kind)).toEqual(['index', 'timeindex', 'txnindex'])
})

it('asks for the newest timestamp only of a segment that is sealed', async () => {
  for (const [isSealed, kinds] of [
    [false, []],
    [true, ['timeindex']],
  ] as const) {
    const disk = await diskWithFolder()
    writeFile(disk, `${NAME}.timeindex`, '')
    writeFile(disk, `${NAME}.index`, '')
    const checks = await openIndexChecks(FOLDER, { baseOffset: 0 }, disk)
    checks.pass(batch)
    checks.end({ isSealed })
    expect(checks.flaws.map(({ kind }) => kind)).toEqual(kinds)
  }
})
