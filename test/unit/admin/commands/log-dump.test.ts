import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchBuilder, buildTransactionMarker } from '@varve/protocol'
import { expect, it } from 'vitest'
import { runCommand } from '../../../support/varve-command.ts'

function segment(): Buffer {
  const builder = new BatchBuilder()
  const headers = [
    { key: 'h', value: 'x' },
    { key: 'n', value: null },
  ]
  builder.append({ key: 'k', value: 'v', timestamp: 1000, headers })
  builder.append({ key: null, value: null, timestamp: 1005 })
  const producer = { producerId: 4, producerEpoch: 1 }
  const place = { baseOffset: 7, partitionLeaderEpoch: 3 }
  const batch = builder.build({ ...producer, ...place, baseSequence: 9, isTransactional: true })
  const marker = { type: 'ABORT', coordinatorEpoch: 2, timestamp: 1010 } as const
  return Buffer.concat([
    batch,
    buildTransactionMarker({ ...marker, ...producer }, { ...place, baseOffset: 9 }),
  ])
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'varve-'))
  const folder = join(root, 't-0')
  mkdirSync(folder)
  try {
    await test(folder)
  } finally {
    rmSync(root, { recursive: true })
  }
}

// What DumpLogSegments of Kafka 4.2 printed for the same bytes with --print-data-log.
const KAFKA = [
  'Log starting offset: 7',
  'baseOffset: 7 lastOffset: 8 count: 2 baseSequence: 9 lastSequence: 10 producerId: 4 producerEpoch: 1 partitionLeaderEpoch: 3 isTransactional: true isControl: false deleteHorizonMs: OptionalLong.empty position: 0 CreateTime: 1005 size: 84 magic: 2 compresscodec: none crc: 2516064147 isvalid: true',
  '| offset: 7 CreateTime: 1000 keySize: 1 valueSize: 1 sequence: 9 headerKeys: [h,n] key: k payload: v',
  '| offset: 8 CreateTime: 1005 keySize: -1 valueSize: -1 sequence: 10 headerKeys: []',
  'baseOffset: 9 lastOffset: 9 count: 1 baseSequence: -1 lastSequence: -1 producerId: 4 producerEpoch: 1 partitionLeaderEpoch: 3 isTransactional: true isControl: true deleteHorizonMs: OptionalLong.empty position: 84 CreateTime: 1010 size: 78 magic: 2 compresscodec: none crc: 4185678531 isvalid: true',
  '| offset: 9 CreateTime: 1010 keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: ABORT coordinatorEpoch: 2',
]

it('log dump prints a segment as Kafka’s tool does, and what headers hold besides', async () => {
  await withFolder(async folder => {
    const path = join(folder, '00000000000000000007.log')
    writeFileSync(path, segment())
    const short = await runCommand(['log', 'dump', path])
    expect(short).toMatchObject({ code: 0, said: '' })
    expect(short.output.trimEnd().split('\n')).toEqual([
      `Dumping ${path}`,
      ...KAFKA.filter(line => !line.startsWith('|')),
    ])
    const long = await runCommand(['log', 'dump', '--records', path])
    const lines = long.output.trimEnd().split('\n').slice(1)
    expect(lines.filter(line => !line.startsWith('|   '))).toEqual(KAFKA)
    expect(lines.filter(line => line.startsWith('|   '))).toEqual([
      '|   header h: x',
      '|   header n: null',
    ])
  })
})

it('log dump prints JSON lines, and several files', async () => {
  await withFolder(async folder => {
    const paths = [
      '00000000000000000007.log',
      'leader-epoch-checkpoint',
      '00000000000000000007.index',
    ].map(name => join(folder, name))
    const [log = '', epochs = '', index = ''] = paths
    writeFileSync(log, segment())
    writeFileSync(epochs, '0\n1\n3 7\n')
    writeFileSync(index, '')
    const json = await runCommand(['log', 'dump', '--json', '--records', ...paths])
    const entries = json.output
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { file: string; type: string })
    expect(entries.map(({ type }) => type)).toEqual([
      ...['file', 'batch', 'record', 'record', 'batch', 'record', 'file', 'leader epoch', 'file'],
    ])
    expect(entries[2]).toMatchObject({ file: log, key: 'k', headers: [{ key: 'h' }, { key: 'n' }] })
    const text = await runCommand(['log', 'dump', epochs, index])
    expect(text.output).toBe(
      `Dumping ${epochs}\nepoch: 3 startOffset: 7\nDumping ${index}\n${index} is empty.\n`,
    )
  })
})

it('log dump ends after as many bytes as it is told to', async () => {
  await withFolder(async folder => {
    const path = join(folder, '00000000000000000007.log')
    writeFileSync(path, segment())
    const { output } = await runCommand(['log', 'dump', path, '--max-bytes', '10'])
    expect(output.match(/^baseOffset/gm)).toHaveLength(1)
  })
})

it('log dump says in a sentence which file it cannot read', async () => {
  await withFolder(async folder => {
    const missing = join(folder, '00000000000000000007.log')
    expect(await runCommand(['log', 'dump', missing])).toEqual({
      ...{ code: 1, output: '', said: `varve: There is no file ${missing}\n` },
    })
    const notes = join(folder, 'notes.txt')
    const { code, said } = await runCommand(['log', 'dump', notes])
    expect([code, said]).toEqual([1, expect.stringContaining('no name that a file of a data')])
  })
  expect((await runCommand(['log', 'dump'])).code).toBe(2)
})
