// Our own client as a member of a group, which joins and leaves on command; ../member.ts says what it takes and prints.
import { createInterface } from 'node:readline'
import { Varve } from '@varve/client'

const settings = Object.fromEntries(process.argv.slice(2).map(arg => arg.split(/=(.*)/s)))
const { topic } = settings
const varve = new Varve({ brokers: [settings.bootstrap], clientId: settings.name })
const say = (event, more) =>
  process.stdout.write(`${JSON.stringify({ at: Date.now(), event, ...more })}\n`)
const numbers = partitions => partitions.map(({ partition }) => partition)

let consumer
let reading
let isHolding = false
const pending = new Map()

async function commit(active) {
  if (pending.size === 0) return
  const offsets = new Map(pending)
  try {
    await active.commit([...offsets].map(([partition, offset]) => ({ topic, partition, offset })))
    say('committed', { offsets: Object.fromEntries(offsets) })
    for (const [partition, offset] of offsets)
      if (pending.get(partition) === offset) pending.delete(partition)
  } catch (error) {
    say('refused', { error: `${error.name} ${error.code ?? ''}: ${error.message}` })
    // What is no longer owned cannot be committed; the rest is tried again with the next records.
    if (error.name === 'FencedError') pending.clear()
  }
}

async function read(active) {
  for await (const { partition, records } of active.batches()) {
    const [first] = records
    if (first === undefined) continue
    const values = records.map(({ value }) => Number(value))
    say('read', { partition, offset: first.offset, values })
    pending.set(partition, first.offset + records.length)
    if (!isHolding) await commit(active)
  }
}

function enter() {
  const given = (event, partitions) => {
    if (!isHolding) for (const partition of numbers(partitions)) pending.delete(partition)
    say(event, { partitions: numbers(partitions) })
  }
  pending.clear()
  const active = varve.consumer({
    groupId: settings.group,
    groupProtocol: settings.protocol,
    topics: [topic],
    autoOffsetReset: 'earliest',
    maxWaitMs: 200,
    rebalanceTimeoutMs: Number(settings.rebalance),
    commit: 'manual',
    onAssigned: partitions => say('assigned', { partitions: numbers(partitions) }),
    onRevoked: async partitions => {
      if (!isHolding) await commit(active)
      given('revoked', partitions)
    },
    onLost: partitions => given('lost', partitions),
    ...(settings.instance === undefined ? {} : { groupInstanceId: settings.instance }),
    ...(settings.protocol === 'classic'
      ? {
          sessionTimeoutMs: Number(settings.session),
          heartbeatIntervalMs: Number(settings.heartbeat),
          partitionAssignors: [settings.assignor ?? 'range'],
        }
      : {}),
  })
  consumer = active
  reading = read(active).catch(error => say('failed', { error: error.message }))
}

async function exit() {
  if (consumer === undefined) return
  const active = consumer
  consumer = undefined
  await active.close()
  await reading
  say('left', {})
}

say('ready', {})
for await (const command of createInterface({ input: process.stdin })) {
  if (command === 'join') enter()
  else if (command === 'leave') await exit()
  else if (command === 'hold') isHolding = true
  else if (command === 'commit') {
    isHolding = false
    await commit(consumer)
    pending.clear()
  }
}
await exit()
process.exit()
