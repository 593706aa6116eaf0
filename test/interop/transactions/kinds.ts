/** The clients that have transactions, each with a program that uses them in every way and a reader. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from '../peer.ts'

export type Isolation = 'read_committed' | 'read_uncommitted'

export interface TransactionKind {
  readonly name: string
  /** Runs the program over a topic of three partitions; it prints what it was told. */
  produce(at: Place): Command
  /** Begins a transaction, says `ready`, is slow to end it, and says whether it was committed. */
  zombie(at: Place): Command
  /** Takes the place of the one before, and commits a transaction. */
  succeed(at: Place): Command
  /** Prints the values of a topic. */
  read(at: Place & { readonly isolation: Isolation }): Command
  /** The values in what a reader printed, sorted. */
  readonly values: (output: string) => readonly string[]
  /** What the program is to print, in order. */
  readonly told: readonly string[]
  readonly committed: readonly string[]
  readonly aborted: readonly string[]
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const sorted = (text: string): readonly string[] => text.split(' ').toSorted()
const inJson = (output: string): readonly string[] =>
  (JSON.parse(output.split('\n').find(line => line.startsWith('[')) ?? '[]') as string[]).toSorted()

/** The values that the programs of the other clients write. */
const OTHERS = {
  values: inJson,
  committed: sorted('c0 c1 c2 c3 c4 o0'),
  aborted: sorted('a0 a1 a2 a3 a4 f0 t0'),
}

const toldBy = (names: { readonly fenced: string; readonly late: string }): readonly string[] => [
  ...['commits: ok', 'aborts: ok', 'commits offsets: 3', 'aborts offsets: 3'],
  ...[`is fenced: ${names.fenced}`, 'succeeds: ok', `takes too long: ${names.late}`],
]

/** As `install.sh` left them in `cache`; `classes` is a folder for what the Java program is compiled to. */
export function transactionKinds(cache: string, classes: string): readonly TransactionKind[] {
  const python = join(cache, 'python/bin/python')
  const kinds: TransactionKind[] = [
    {
      ...scripted('varve', process.execPath, '../varve/transactions.mjs'),
      ...{ ...OTHERS, told: toldBy({ fenced: 'fenced', late: 'refused' }) },
    },
    {
      ...scripted('confluent-kafka', python, '../confluent-kafka/transactions.py'),
      ...{ ...OTHERS, told: toldBy({ fenced: 'fenced', late: 'refused' }) },
    },
    {
      ...scripted('kafka-python', python, '../kafka-python/transactions.py'),
      ...{ ...OTHERS, told: toldBy({ fenced: 'fenced', late: 'refused' }) },
    },
    {
      // It has one word for all that a producer may be refused for.
      ...scripted('kafkajs', process.execPath, '../kafkajs/transactions.mjs'),
      ...{ ...OTHERS, told: toldBy({ fenced: 'refused', late: 'refused' }) },
    },
  ]
  return existsSync(join(cache, 'java/jars')) ? [...kinds, java(cache, classes)] : kinds
}

interface Place {
  readonly bootstrap: string
  readonly topic: string
}

function scripted(name: string, program: string, path: string) {
  const run =
    (action: string) =>
    ({ bootstrap, topic }: Place): Command => ({
      program,
      args: [here(path), action, bootstrap, topic, `id.${topic}`],
    })
  return {
    name,
    ...{ produce: run('produce'), zombie: run('zombie'), succeed: run('succeed') },
    read: (at: Place & { readonly isolation: Isolation }) => ({
      program,
      args: [here(path), 'read', at.bootstrap, at.topic, at.isolation],
    }),
  }
}

function java(cache: string, classes: string): TransactionKind {
  const jars = join(cache, 'java/jars/*')
  // It is started many times.
  const source = here('../java/Transactions.java')
  execFileSync('javac', ['-Xlint:none', '-nowarn', '-cp', jars, '-d', classes, source], {
    stdio: 'pipe',
  })
  const run = (args: readonly string[]): Command => ({
    program: 'java',
    args: [
      ...['-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=off'],
      ...['-XX:+UseSerialGC', '-Xmx256m', '-cp', `${classes}:${jars}`, 'Transactions', ...args],
    ],
  })
  return {
    name: 'java',
    produce: ({ bootstrap, topic }) => run(['produce', bootstrap, topic, `id.${topic}`]),
    zombie: ({ bootstrap, topic }) => run(['zombie', bootstrap, topic, `id.${topic}`]),
    succeed: ({ bootstrap, topic }) => run(['succeed', bootstrap, topic, `id.${topic}`]),
    read: ({ bootstrap, topic, isolation }) => run(['read', bootstrap, topic, isolation]),
    values: output => sorted(output.trim()),
    told: JAVA_TOLD,
    committed: sorted('c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 o0 x0'),
    aborted: sorted('a0 a1 a2 a3 a4 d0 f0 t0 t1'),
  }
}

/** What the Java program is told by Kafka 4.1 and 4.2 with `transaction.version=2`. */
const JAVA_TOLD = [
  'begins without initTransactions: IllegalStateException',
  'commits: ok',
  'aborts: ok',
  'commits nothing: ok',
  'aborts nothing: ok',
  'commits twice: IllegalStateException',
  'commits offsets: 3',
  'aborts offsets: 3',
  'commits offsets of a member that is none: CommitFailedException KafkaException ok 3',
  'goes on after that: ok',
  'shows readers what is stable: 0 2 3',
  'is fenced by a successor: ProducerFencedException ProducerFencedException ok',
  'is fenced when it sends: InvalidProducerEpochException ProducerFencedException',
  'takes too long: InvalidTxnStateException KafkaException',
  'sends after it took too long: InvalidProducerEpochException ok ok',
  'asks for too long a timeout: KafkaException',
  'describes a transaction: Ongoing 1 0 60000 started',
  'describes an unknown id: TransactionalIdNotFoundException',
  'lists transactions: [-seven Ongoing]',
  'describes producers: 1 0 0',
  'aborts a transaction from outside: 0',
  'commits what was aborted from outside: ok',
  'fences producers: InvalidProducerEpochException',
] as const

/** The lines of a program: the others print one object with a line's name and result as members. */
export function linesOf(output: string): readonly string[] {
  const object = output.split('\n').find(line => line.startsWith('{'))
  if (object === undefined) return output.split('\n').filter(line => line.includes(': '))
  return Object.entries(JSON.parse(object) as object).map(([name, value]) => `${name}: ${value}`)
}
