import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PAGE = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url))

const INTRODUCTION = `# Clients

<!-- Written by \`npm run interop -- --write\` from a run against a broker of the build at hand. -->

What real clients did with a standalone Varve, unmodified, each in a process of its own.

- **produce**: real data sets with keys, plain and idempotent; **gzip** to **zstd**: in that compression.
- **consume**: all that every other client wrote, in every compression: each record once, in order within its partition,
  each key in one partition.
- **groups**: members share a topic, take over from each other and go on from what was committed; \`docs/testing.md\` says
  which clients are also mixed, stopped past their session and killed.
- **transactions**: commits and aborts, and what a reader of committed records sees.
- **admin**: topics, partitions, configurations, records and offsets, as far as the client has them.

Kafka's own command-line tools are compared with what they say of a Kafka: [kafka-tools.md](kafka-tools.md).

\`yes\`: all of it went well. \`no\`: something did not. \`n/a\`: the client has no such thing. Empty: not tried in this run.
`

/** Keeps the matrix as a page of the documentation. */
export function writeCompatibility(matrix: string): void {
  writeFileSync(PAGE, `${INTRODUCTION}\n${matrix}\n`)
}
