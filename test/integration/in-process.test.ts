/** A broker inside somebody else's process: it minds its own business, and leaves nothing behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startBroker } from '@varve/broker'
import { errorName, Fetch, Produce } from '@varve/protocol'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { Canary } from '../support/canary.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Files and folders of this process below a folder. */
function openFilesIn(folder: string): string[] {
  const paths: string[] = []
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`)
      if (path.startsWith(folder)) paths.push(path)
    } catch {
      // The descriptor that listed the folder is closed by now.
    }
  }
  return paths
}

/** Runs TypeScript in a process of its own until it ends by itself; undefined when it had to be ended. */
async function runHost(source: string, env: { readonly [name: string]: string } = {}) {
  const args = [
    '--conditions=@varve/source',
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    source,
  ]
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk))
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, printed: Buffer.concat(printed).toString() }
}

describe('a broker in the process of a test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-in-process-'))
  const temporary = process.env['TMPDIR']

  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    syncBuiltinESMExports()
    if (temporary === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = temporary
    rmSync(folder, { recursive: true, force: true })
    fs.mkdirSync(folder)
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(['disk', 'memory'] as const)(
    'goes on under fake timers, on %s: it syncs, waits and ends waiting',
    async storage => {
      vi.useFakeTimers()
      const broker = await startBroker({ storage, settings: { 'fetch.max.wait.max.ms': 1000 } })
      const canary = await Canary.open(broker)
      await canary.sings()
      await using connection = await RawConnection.open(broker)
      const polled = await connection.request(Fetch, 12, {
        maxWaitMs: 30,
        minBytes: 1_000_000,
        isolationLevel: 0,
        topics: [
          {
            topic: 'canary',
            partitions: [{ partition: 0, fetchOffset: 1, partitionMaxBytes: 1000 }],
          },
        ],
        forgottenTopicsData: [],
      })
      expect(polled.errorCode).toBe(0)
      canary.destroy()
      await broker.stop()
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('shares it with others: each has its own data, and one that stops does not disturb the rest', async () => {
    const brokers = await Promise.all([
      startBroker(),
      startBroker({ storage: 'memory' }),
      startBroker({ directory: join(folder, 'own') }),
    ])
    const canaries = await Promise.all(brokers.map(broker => Canary.open(broker)))
    expect(new Set(brokers.map(broker => broker.port)).size).toBe(3)
    expect(new Set(brokers.map(broker => broker.clusterId)).size).toBe(3)
    await Promise.all(canaries.map(canary => canary.sings()))
    canaries[0]?.destroy()
    await brokers[0]?.stop()
    await canaries[1]?.sings()
    expect(await canaries[1]?.endOf('canary')).toBe(2)
    await canaries[2]?.sings()
    await expect(startBroker({ directory: join(folder, 'own') })).rejects.toMatchObject({
      code: 'ELOCKED',
    })
    await canaries[2]?.sings()
    for (const canary of canaries) canary.destroy()
    for (const broker of brokers) await broker.stop()
  })

  it('keeps a given folder, and finds its records there', async () => {
    const directory = join(folder, 'kept')
    for (const end of [1, 2, 3]) {
      await using broker = await startBroker({ directory })
      const canary = end === 1 ? await Canary.open(broker) : await Canary.reopen(broker)
      await canary.sings()
      expect(await canary.endOf('canary')).toBe(end)
      canary.destroy()
    }
    expect(openFilesIn(folder)).toEqual([])
  })

  it('removes its temporary folder, also when it could not start', async () => {
    process.env['TMPDIR'] = folder
    {
      await using broker = await startBroker()
      expect(readdirSync(folder)).toEqual([broker.directory?.split('/').at(-1)])
      await expect(startBroker({ port: broker.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
      await expect(startBroker({ settings: { 'num.partitions': -4 } })).rejects.toThrow(
        'num.partitions',
      )
      expect(readdirSync(folder)).toHaveLength(1)
    }
    expect(readdirSync(folder)).toEqual([])
    expect(openFilesIn(folder)).toEqual([])
  })

  it('leaves nothing open when its folder cannot be used', async () => {
    const directory = join(folder, 'damaged')
    const broker = await startBroker({ directory })
    const canary = await Canary.open(broker)
    await canary.sings()
    fs.cpSync(directory, join(folder, 'crashed'), { recursive: true })
    canary.destroy()
    await broker.stop()
    rmSync(join(folder, 'crashed/.lock'), { force: true, recursive: true })
    const metadata = join(folder, 'crashed/__cluster_metadata-0/00000000000000000000.log')
    const bytes = fs.readFileSync(metadata)
    bytes[30] = (bytes[30] ?? 0) ^ 0xff
    fs.writeFileSync(metadata, bytes)
    await expect(startBroker({ directory: join(folder, 'crashed') })).rejects.toThrow('damaged')
    expect(openFilesIn(folder)).toEqual([])
  })

  it('says when its disk failed, ends itself, and neither its host nor its neighbour', async () => {
    process.env['TMPDIR'] = folder
    await using neighbour = await startBroker({ storage: 'memory' })
    const other = await Canary.open(neighbour)
    const broker = await startBroker()
    const canary = await Canary.open(broker)
    await canary.sings()
    await using connection = await RawConnection.open(broker)
    const failure = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
    vi.spyOn(fs, 'fdatasync').mockImplementation((_descriptor, done) => done(failure))
    syncBuiltinESMExports()
    const { responses } = await connection.request(Produce, 9, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [
        { name: 'canary', partitionData: [{ index: 0, records: batchOf({ values: ['a'] }) }] },
      ],
    })
    expect(errorName(responses[0]?.partitionResponses[0]?.errorCode ?? 0)).toBe(
      'KAFKA_STORAGE_ERROR',
    )
    expect(await broker.failed).toMatchObject({ name: 'DiskError', code: 'EIO' })
    await connection.closed
    await expect(RawConnection.open(broker)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await other.sings()
    await broker.stop()
    expect(readdirSync(folder)).toEqual([])
    expect(openFilesIn(folder)).toEqual([])
    canary.destroy()
    other.destroy()
  })

  it('lets its host end once it is stopped', async () => {
    const { code, printed } = await runHost(
      `import { startBroker } from '@varve/broker'
      for (const storage of ['disk', 'memory']) {
        const broker = await startBroker({ storage })
        process.stdout.write(broker.address + ' ')
        await broker.stop()
      }
      process.on('exit', () => console.log(process.getActiveResourcesInfo().join()))`,
      { TMPDIR: folder },
    )
    expect(printed).toMatch(/^127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ (PipeWrap,PipeWrap)?\n$/)
    expect(code).toBe(0)
    expect(readdirSync(folder).filter(name => name.startsWith('varve-'))).toEqual([])
  })

  it('takes its temporary folder with it when the host ends without stopping it', async () => {
    const { code } = await runHost(
      `import { startBroker } from '@varve/broker'
      await startBroker()
      process.exit(3)`,
      { TMPDIR: folder },
    )
    expect(code).toBe(3)
    expect(readdirSync(folder).filter(name => name.startsWith('varve-'))).toEqual([])
  })
})
