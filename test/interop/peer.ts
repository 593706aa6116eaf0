import type { DataRecord } from './data-set.ts'
import type { Thing } from './matrix.ts'

/** A foreign client as a set of commands: each runs as its own process, with the exit code as its verdict. */
export interface Peer {
  readonly name: string
  readonly version?: string | undefined
  /** The compressions its producer knows, `none` first. */
  readonly compressions: readonly string[]
  /** Undefined where a client cannot do the thing at all. */
  readonly produce?: (job: ProduceJob) => Command
  readonly consume?: (job: ConsumeJob) => readonly Command[]
  readonly parse?: (output: string) => readonly ReadRecord[]
  /** Prints `ok NAME` or `not ok NAME: why` for each thing it tried. */
  readonly administer?: (bootstrap: string, prefix: string) => Command
  /** Shares a topic between two members and goes on from their commits; prints as above. Clients with members in `groups/` need none. */
  readonly joinGroups?: (bootstrap: string, prefix: string) => Command
  /** Commits and aborts transactions and reads what was committed; prints as above. */
  readonly transact?: (bootstrap: string, prefix: string) => Command
  /** What it cannot do at all, and why. */
  readonly without?: Readonly<Partial<Record<Thing, string>>>
  /** Compressions that its consumer cannot read, and why. */
  readonly unread?: Readonly<Record<string, string>>
}

export interface ProduceJob {
  readonly bootstrap: string
  readonly topic: string
  readonly files: RecordFiles
  readonly compression: string
  readonly idempotence: 'idempotent' | 'plain'
}

export interface ConsumeJob {
  readonly bootstrap: string
  readonly topics: readonly string[]
}

/** The same records in the forms that the peers read. */
export interface RecordFiles {
  /** `{"key": ..., "value": ...}` on each line. */
  readonly jsonLines: string
  /** Key, tab, value. */
  readonly tabbed: string
  /** Key, tab, value, both base64. */
  readonly base64: string
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
}

/** A record as a client saw it. */
export interface ReadRecord extends DataRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Reads lines of JSON with the fields of `ReadRecord`. */
export function parseJsonLines(output: string): ReadRecord[] {
  return output
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as ReadRecord)
}
