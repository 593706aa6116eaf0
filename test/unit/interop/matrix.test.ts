import { describe, expect, it } from 'vitest'
import { Matrix } from '../../interop/matrix.ts'
import type { Peer } from '../../interop/peer.ts'
import type { Outcome } from '../../interop/run.ts'

const peers: readonly Peer[] = [
  { name: 'one', version: '1.0', compressions: ['none'], without: { zstd: 'it has no zstd' } },
  { name: 'other', compressions: ['none'], unread: { lz4: 'no lz4' } },
]
const outcome = (changes: Partial<Outcome>): Outcome => ({
  peer: 'one',
  says: 'does',
  problem: undefined,
  ...changes,
})

function cellsOf(matrix: Matrix): string[][] {
  const [, , ...lines] = matrix.toString().split('\n\n')[0]?.split('\n') ?? []
  return lines.map(line => line.split('|').map(cell => cell.trim()))
}

describe('the matrix of clients', () => {
  it('says yes where all went well, no with the first reason where something did not, and nothing of what was not tried', () => {
    const matrix = new Matrix(peers, {})
    matrix.take(outcome({ things: ['produce', 'gzip'] }))
    matrix.take(outcome({ things: ['produce'] }))
    matrix.take(outcome({ peer: 'other', things: ['produce'] }))
    matrix.take(outcome({ peer: 'other', says: 'writes', problem: 'lost', things: ['produce'] }))
    matrix.take(outcome({ peer: 'groups of other', things: ['groups'] }))
    matrix.take(outcome({ peer: 'other', things: ['consume'] }))
    matrix.take(outcome({ problem: 'of no thing' }))
    expect(cellsOf(matrix)).toEqual([
      ['', 'one', '1.0', 'yes', '', 'yes', '', '', 'n/a (1)', '', '', '', ''],
      ['', 'other', '', 'no (2)', 'yes (3)', '', '', '', '', 'yes', '', '', ''],
    ])
    expect(matrix.toString().split('\n\n')[1]).toBe(
      '1. one, zstd: it has no zstd\n2. other, produce: writes: lost\n3. other, consume: no lz4',
    )
  })

  it('keeps what an earlier run saw where this one does not try', () => {
    const first = new Matrix(peers, {})
    first.take(outcome({ things: ['produce', 'admin'], problem: 'slow' }))
    const second = new Matrix(peers, first.cells)
    second.take(outcome({ things: ['produce'] }))
    expect(cellsOf(second)[0]?.slice(3, 4)).toEqual(['yes'])
    expect(cellsOf(second)[0]?.at(-2)).toBe('no (2)')
  })
})
