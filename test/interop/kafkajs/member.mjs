// A kafkajs consumer of a group, which joins and leaves on command; ../member.ts says what it takes and prints.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const settings = Object.fromEntries(process.argv.slice(2).map(arg => arg.split(/=(.*)/s)))
const require = createRequire(join(process.env.VARVE_INTEROP, 'kafkajs/package.json'))
const { AssignerProtocol, Kafka, logLevel } = require('kafkajs')
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup')
const { topic } = settings
const kafka = new Kafka({
  brokers: [settings.bootstrap],
  clientId: settings.name,
  logLevel: logLevel.NOTHING,
  // A short patience, so that it is back soon after what it did not foresee.
  retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 50 },
})
const say = (event, more) =>
  process.stdout.write(`${JSON.stringify({ at: Date.now(), event, ...more })}\n`)

// kafkajs tells nobody which generation it is in, nor when it stops owning: its group is watched from outside.
let owned = []
const giveUp = event => {
  if (owned.length > 0) say(event, { partitions: owned })
  owned = []
}
const { joinAndSync, leave } = ConsumerGroup.prototype
ConsumerGroup.prototype.joinAndSync = async function () {
  giveUp(this.memberId === null ? 'lost' : 'revoked')
  await joinAndSync.call(this)
  owned = this.assigned().flatMap(({ partitions }) => partitions)
  say('assigned', { partitions: owned, generation: this.generationId, member: this.memberId })
}
ConsumerGroup.prototype.leave = function () {
  giveUp('revoked')
  return leave.call(this)
}

// Its own assigner has a name that no other client knows; this one has Kafka's name and form.
const named =
  name =>
  ({ cluster }) => ({
    name,
    version: 0,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics }),
    }),
    async assign({ members }) {
      const ids = members.map(({ memberId }) => memberId).sort()
      const all = cluster.findTopicPartitionMetadata(topic).map(found => found.partitionId)
      const partitions = all.sort((a, b) => a - b)
      const owner = at =>
        name === 'roundrobin' ? at % ids.length : Math.floor((at * ids.length) / partitions.length)
      return ids.map((memberId, index) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 0,
          assignment: { [topic]: partitions.filter((_, at) => owner(at) === index) },
        }),
      }))
    },
  })

let consumer
let isHolding = false
const pending = new Map()

async function commit(active) {
  const offsets = [...pending].map(([partition, offset]) => ({
    topic,
    partition,
    offset: `${offset}`,
  }))
  if (offsets.length === 0) return
  try {
    await active.commitOffsets(offsets)
    say('committed', { offsets: Object.fromEntries(pending) })
    pending.clear()
  } catch (error) {
    say('refused', { error: `${error.type ?? error.name}: ${error.message}` })
    pending.clear()
  }
}

async function enter() {
  const active = kafka.consumer({
    groupId: settings.group,
    sessionTimeout: Number(settings.session),
    rebalanceTimeout: Number(settings.rebalance),
    heartbeatInterval: Number(settings.heartbeat),
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false,
    ...(settings.assignor === undefined ? {} : { partitionAssigners: [named(settings.assignor)] }),
  })
  consumer = active
  pending.clear()
  active.on('consumer.crash', ({ payload }) => say('failed', { error: payload.error.message }))
  await active.connect()
  await active.subscribe({ topics: [topic], fromBeginning: true })
  await active.run({
    autoCommit: false,
    async eachBatch({ batch }) {
      const values = batch.messages.map(({ value }) => Number(value))
      const offset = Number(batch.firstOffset())
      say('read', { partition: batch.partition, offset, values })
      pending.set(batch.partition, Number(batch.lastOffset()) + 1)
      if (!isHolding) await commit(active)
    },
  })
}

async function exit() {
  if (consumer === undefined) return
  const active = consumer
  consumer = undefined
  await active.disconnect()
  say('left', {})
}

say('ready', {})
for await (const command of createInterface({ input: process.stdin })) {
  try {
    if (command === 'join') await enter()
    else if (command === 'leave') await exit()
    else if (command === 'hold') isHolding = true
    else if (command === 'commit') {
      isHolding = false
      await commit(consumer)
    }
  } catch (error) {
    say('failed', { error: error.message })
  }
}
await exit()
process.exit()
