/** `npm run prove -- NAME [--rounds N] [--seed N]`: the long tests, whole. CI runs a slice of them. */
import { parseArgs } from 'node:util'

/** What each long test exports. It throws at the first round that did not hold, and says so when it cannot run here. */
interface Proof {
  prove(options: {
    readonly rounds: number
    readonly seed: number
    readonly log: (line: string) => void
  }): Promise<{ readonly skipped?: string }>
}

interface Entry {
  readonly about: string
  readonly rounds: number
  readonly module: string
}

const proofs: Readonly<Record<string, Entry>> = {
  kill: {
    about:
      'kill -9 at a random point of acknowledged produces, with compaction and retention at work, restart, compare',
    rounds: 100,
    module: '../test/crash/kill.ts',
  },
  'kill-groups': {
    about: 'kill -9 among commits of groups that are rebalancing, restart, compare',
    rounds: 100,
    module: '../test/crash/kill-groups.ts',
  },
  'exactly-once': {
    about:
      'kill -9 of the broker and of transactional workers: copies are complete and unique, transfers balance',
    rounds: 50,
    module: '../test/crash/exactly-once.ts',
  },
  rebalance: {
    about: 'twelve consumers of all clients join and leave a group, one each second; per protocol',
    rounds: 300,
    module: '../test/interop/groups/rebalance.ts',
  },
  fuzz: {
    about:
      'damaged messages, batches and compressed data: a value or a named error, bounded memory',
    rounds: 100,
    module: '../test/property/fuzz.ts',
  },
  groups: {
    about:
      'walks of group members against the coordinator, syncs held back, crashes anywhere; a round is 100',
    rounds: 30,
    module: '../test/model/groups.ts',
  },
  packages: {
    about: 'what npm packs, installed and used in empty projects; a round is a version of Node',
    rounds: 3,
    module: '../test/packages/packages.ts',
  },
  transactions: {
    about:
      'walks of transactional producers against a whole broker: late and repeated requests, zombies, crashes; a round is 100',
    rounds: 20,
    module: '../test/model/transactions.ts',
  },
  'full-disk': {
    about:
      'fill a small file system, read on, free space, write on, kill -9, compare; mounts a tmpfs',
    rounds: 4,
    module: '../test/crash/full-disk.ts',
  },
  'power-loss': {
    about:
      'the power goes in runs of the whole storage engine on a model disk; a round is a run, its seed is --seed and one more each',
    rounds: 100_000,
    module: '../test/crash/power-loss/power-loss.ts',
  },
  torn: {
    about:
      'every byte of a log and a journal damaged, a crash between every two operations, and again in the recovery',
    rounds: 1,
    module: '../test/crash/torn/torn.ts',
  },
  'sync-failure': {
    about: 'let fdatasync fail with EIO: the broker says so and ends; restart, compare; needs gcc',
    rounds: 10,
    module: '../test/crash/sync-failure.ts',
  },
}

const usage = [
  'Usage: npm run prove -- NAME [--rounds N] [--seed N]',
  ...Object.entries(proofs).map(
    ([name, { about, rounds }]) => `  ${name}  ${about} (${rounds} rounds)`,
  ),
].join('\n')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seed: { type: 'string' } },
})
const [name = ''] = positionals
const entry = proofs[name]

if (entry === undefined) {
  console.error(usage)
  process.exitCode = 1
} else {
  await run(entry)
}

async function run({ module, rounds: usual }: Entry): Promise<void> {
  const rounds = positive('rounds', values.rounds, usual)
  const seed = positive('seed', values.seed, 1 + Math.floor(Math.random() * 0x7fff_fffe))
  const replay = `npm run prove -- ${name} --rounds ${rounds} --seed ${seed}`
  console.log(`${name}: ${rounds} rounds, seed ${seed}; to replay: ${replay}`)
  const proof = (await import(module)) as Proof
  try {
    const { skipped } = await proof.prove({ rounds, seed, log: line => console.log(line) })
    if (skipped !== undefined) console.log(`skipped: ${skipped}`)
    console.log(`${skipped === undefined ? rounds : 0} passed, 0 failed`)
  } catch (error) {
    console.error(error)
    console.error(`${name} failed with seed ${seed}; to replay: ${replay}`)
    console.log('0 passed, 1 failed')
    process.exitCode = 1
  }
}

function positive(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  console.error(`--${option} wants a positive integer, not ${text}.`)
  return process.exit(1)
}
