/** What other clients read, held against what the workers of `npm run prove -- exactly-once` were told. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Varve } from '@varve/client'

export interface Read {
  readonly partition: number
  readonly value: string
}

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 2 ** 30

/** All committed records of a topic, by kcat (librdkafka); undefined where there is none. */
export async function readByKcat(port: number, topic: string): Promise<Read[] | undefined> {
  const isolation = ['-X', 'isolation.level=read_committed']
  const args = ['-C', '-b', `127.0.0.1:${port}`, '-t', topic, '-o', 'beginning', '-e', '-q', '-J']
  try {
    const { stdout } = await run('kcat', [...args, ...isolation], {
      ...{ maxBuffer: OUTPUT_BYTES_MAX, timeout: 60_000 },
    })
    const lines = stdout.split('\n').filter(line => line.startsWith('{'))
    return lines
      .map(line => JSON.parse(line) as { partition: number; payload: string })
      .map(({ partition, payload }) => ({ partition, value: payload }))
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}

/** The same by our client. */
export async function readByVarve(
  port: number,
  topic: string,
  isolationLevel: 'read_committed' | 'read_uncommitted',
): Promise<Read[]> {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const varve = new Varve({ brokers: [`127.0.0.1:${port}`], log: silent })
  const read: Read[] = []
  await using consumer = varve.consumer({
    ...{ topics: [topic], startAt: 'earliest', stopAtEnd: true, isolationLevel },
  })
  for await (const { partition, value } of consumer) read.push({ partition, value: String(value) })
  return read
}

/** What is wrong with copies of partitions to which the numbers 0, 1, 2 and so on were written. */
export function copyFaults(read: readonly Read[], least: readonly number[]): string[] {
  const next = least.map(() => 0)
  const faults: string[] = []
  for (const { partition, value } of read) {
    const expected = next[partition] ?? 0
    if (Number(value) !== expected)
      faults.push(`${partition}: ${value} comes where ${expected} is to`)
    next[partition] = Number(value) + 1
  }
  for (const [partition, count] of least.entries())
    if ((next[partition] ?? 0) < count)
      faults.push(`${partition}: ${next[partition]} of ${count} are there`)
  return faults.slice(0, 5)
}

export interface Transfers {
  readonly committed: ReadonlySet<string>
  readonly aborted: ReadonlySet<string>
}

/** What is wrong with the accounts: a sum other than zero, half a transfer, one that is lost or was taken back. */
export function transferFaults(read: readonly Read[], told: Transfers): string[] {
  const changes = new Map<string, number[]>()
  let sum = 0
  for (const { value } of read) {
    const [id = '', change] = value.split(' ')
    changes.set(id, [...(changes.get(id) ?? []), Number(change)])
    sum += Number(change)
  }
  const faults = sum === 0 ? [] : [`the sum of all accounts is ${sum}`]
  for (const [id, [first = 0, second = 0, ...more]] of changes) {
    if (first + second !== 0 || more.length > 0) faults.push(`${id} is there as ${changes.get(id)}`)
    if (told.aborted.has(id)) faults.push(`${id} was aborted`)
  }
  for (const id of told.committed) if (!changes.has(id)) faults.push(`${id} is lost`)
  return faults.slice(0, 5)
}
