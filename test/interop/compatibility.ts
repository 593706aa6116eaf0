import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cells, Matrix } from './matrix.ts'

const PAGE = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url))

const INTRODUCTION = `# Clients

<!-- Written by \`npm run interop -- --write\` from what each client did when it was last run here. -->

What real clients did with a standalone Varve, unmodified, each in a process of its own.

- **produce**: real data sets with keys, plain and idempotent; **gzip** to **zstd**: in that compression.
- **consume**: all that every other client wrote, in every compression: each record once, in order within its partition,
  each key in one partition.
- **groups**: members share a topic, take over from each other and go on from what was committed; \`docs/testing.md\` says
  which clients are also mixed, stopped past their session and killed.
- **transactions**: commits and aborts, and what a reader of committed records sees.
- **admin**: topics, partitions, configurations, records and offsets, as far as the client has them.

Kafka's own command-line tools are compared with what they say of a Kafka: [kafka-tools.md](kafka-tools.md). Kafka Streams
and Kafka Connect have a page of their own: [frameworks.md](frameworks.md).

\`yes\`: all of it went well. \`no\`: something did not. \`n/a\`: the client has no such thing. Empty: not tried in this run.
`

const fileIn = (cache: string): string => join(cache, 'matrix.json')

/** What the last runs saw that were to be kept. */
export function keptCells(cache: string): Cells {
  const file = fileIn(cache)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Cells) : {}
}

/** Keeps the matrix for later runs, and as a page of the documentation. */
export function writeCompatibility(cache: string, matrix: Matrix): void {
  writeFileSync(fileIn(cache), JSON.stringify(matrix.cells))
  writeFileSync(PAGE, `${INTRODUCTION}\n${matrix.toString()}\n`)
}
