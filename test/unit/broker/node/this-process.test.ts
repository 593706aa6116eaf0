import { existsSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  absolutePath,
  makeTemporaryDirectory,
  readText,
} from '../../../../packages/broker/src/node/this-process.ts'

describe('the process', () => {
  it('lends temporary folders and removes them with all that is in them', () => {
    const directory = makeTemporaryDirectory()
    writeFileSync(`${directory.path}/file`, 'text')
    expect(readText(`${directory.path}/file`)).toBe('text')
    directory.remove()
    expect(existsSync(directory.path)).toBe(false)
    expect(readText(`${directory.path}/file`)).toBeUndefined()
  })

  it('makes paths absolute', () => {
    expect(absolutePath('./data')).toBe(`${process.cwd()}/data`)
    expect(absolutePath('/var/../data')).toBe('/data')
  })
})
