/** `npm run interop -- [CLIENT | reset-offsets | groups | folders | transactions | tools | streams | connect ...]`: real clients against our broker. Installs them outside the workspace when they are missing. */
import { startBrokerProcess } from '../support/processes.ts'
import { keptCells, writeCompatibility } from './compatibility.ts'
import { CONNECT, runConnect } from './connect/run-connect.ts'
import { hasConnect } from './connect/worker.ts'
import { hasKafkaServer } from './folders/kafka-server.ts'
import { FOLDERS, runFolders } from './folders/run-folders.ts'
import { GROUPS, runGroups } from './groups/run-groups.ts'
import { installPeers } from './install.ts'
import { hasKafkaTools } from './kafka-tools.ts'
import { Matrix } from './matrix.ts'
import { peers } from './peers.ts'
import { compareResetOffsets, RESET_OFFSETS } from './reset-offsets.ts'
import { type Outcome, runInterop } from './run.ts'
import { hasStreams, runStreams, STREAMS } from './streams/run-streams.ts'
import { runTools, TOOLS_STEP } from './tools/run-tools.ts'
import { runTransactions, TRANSACTIONS } from './transactions/run-transactions.ts'

const cache = installPeers()
const said = process.argv.slice(2)
const wanted = said.filter(word => word !== '--write')
const chosen = peers(cache).filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const comparesResets =
  hasKafkaTools(cache) && (wanted.length === 0 || wanted.includes(RESET_OFFSETS))
const playsGroups = wanted.length === 0 || wanted.includes(GROUPS)
const movesFolders = wanted.length === 0 || wanted.includes(FOLDERS)
const names = [...chosen.map(({ name }) => name), ...(comparesResets ? [RESET_OFFSETS] : [])]
const counts = new Map(names.map(name => [name, { passed: 0, failed: 0 }]))

await using broker = await startBrokerProcess({
  from: 'dist',
  settings: { 'num.partitions': '3', 'auto.create.topics.enable': 'true' },
})

const writes = said.includes('--write')
const matrix = writes ? new Matrix(peers(cache), keptCells(cache)) : new Matrix(chosen, {})

function report(outcome: Outcome): void {
  const { peer, says, problem } = outcome
  matrix.take(outcome)
  const count = counts.get(peer) ?? { passed: 0, failed: 0 }
  counts.set(peer, count)
  if (problem === undefined) count.passed += 1
  else {
    count.failed += 1
    console.log(`${peer} failed: ${says}: ${problem}`)
  }
}

await runInterop({
  bootstrap: broker.bootstrap,
  peers: chosen,
  cache,
  // Each producer's first request for metadata makes its topic, with `num.partitions`: a path that clients do take.
  createTopic: () => Promise.resolve(),
  report,
})
if (comparesResets) await compareResetOffsets({ bootstrap: broker.bootstrap, cache, report })
if (playsGroups) {
  const only = chosen.map(({ name }) => name)
  await runGroups({ cache, report, only, log: line => console.log(line) })
}
if (wanted.length === 0 || wanted.includes(TRANSACTIONS)) {
  const only = chosen.map(({ name }) => name)
  const noted = (outcome: Outcome): void => report({ ...outcome, things: ['transactions'] })
  await runTransactions({ cache, report: noted, only, log: line => console.log(line) })
}
if (movesFolders && hasKafkaServer(cache)) {
  const log = (line: string): void => console.log(line)
  await runFolders({ cache, peers: peers(cache), report, log })
} else if (movesFolders) {
  console.log(`${FOLDERS}: skipped, for Kafka's server takes a JVM and Maven to install`)
}

console.log(matrix.toString())
if (writes) writeCompatibility(cache, matrix)
if (wanted.length === 0 || wanted.includes(TOOLS_STEP)) {
  const log = (line: string): void => console.log(line)
  if (hasKafkaServer(cache)) await runTools({ cache, report, log })
  else console.log(`${TOOLS_STEP}: skipped, for Kafka's server takes a JVM and Maven to install`)
}
if (wanted.length === 0 || wanted.includes(STREAMS)) {
  const log = (line: string): void => console.log(line)
  if (hasStreams(cache)) await runStreams({ cache, report, log })
  else console.log(`${STREAMS}: skipped, for it takes a JDK and Maven to install`)
}
if (wanted.length === 0 || wanted.includes(CONNECT)) {
  const log = (line: string): void => console.log(line)
  if (hasConnect(cache)) await runConnect({ cache, report, log })
  else console.log(`${CONNECT}: skipped, for it takes a JDK and Maven to install`)
}

let passed = 0
let failed = 0
for (const [name, count] of counts) {
  console.log(`${name}: ${count.passed} passed, ${count.failed} failed`)
  passed += count.passed
  failed += count.failed
}
console.log(`interop: ${passed} passed, ${failed} failed`)
if (failed > 0) console.log(`The broker said:\n${broker.output().slice(-4000)}`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
