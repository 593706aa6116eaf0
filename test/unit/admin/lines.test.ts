import { describe, expect, it } from 'vitest'
import { LINE_BYTES_MAX, linesOf } from '../../../packages/admin/src/lines.ts'

async function read(chunks: readonly (string | Buffer)[]): Promise<string[][]> {
  const stream = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  })()
  const found: string[][] = []
  for await (const lines of linesOf(stream)) found.push(lines.map(String))
  return found
}

describe('linesOf', () => {
  it('gives the lines of each chunk together', async () => {
    expect(await read(['a\nb\n', 'c\n'])).toEqual([['a', 'b'], ['c']])
  })

  it('puts a line together that comes in pieces', async () => {
    expect(await read(['a', 'b', 'c\nd'])).toEqual([['abc'], ['d']])
  })

  it('keeps empty lines, and makes none of the last end', async () => {
    expect(await read(['\n\na\n'])).toEqual([['', '', 'a']])
    expect(await read([''])).toEqual([])
  })

  it('takes both kinds of ends, wherever they are cut', async () => {
    expect(await read(['a\r\nb\r', '\nc\r'])).toEqual([['a'], ['b'], ['c']])
  })

  it('does not keep the memory of a chunk that its reader uses again', async () => {
    const chunk = Buffer.from('abc')
    const stream = (async function* () {
      yield chunk
      chunk.fill('x')
      yield Buffer.from('\n')
    })()
    for await (const lines of linesOf(stream)) expect(lines.map(String)).toEqual(['abc'])
  })

  it('gives up on a line without end', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 97)
    const chunks = Array.from({ length: LINE_BYTES_MAX / megabyte.length + 1 }, () => megabyte)
    await expect(read(chunks)).rejects.toThrow('A line is longer')
  })
})
