/** A standalone worker moves lines from a file through a topic into a file, at least once, while its broker and itself are killed. */
import { join } from 'node:path'
import { Varve } from '@varve/client'
import { Attempts } from '../attempts.ts'
import { unexpectedComplaints } from '../complaints.ts'
import { MortalBroker } from '../mortal-broker.ts'
import {
  GrowingFile,
  lineDifference,
  numberedLines,
  stepsBack,
  writtenLines,
} from './line-files.ts'
import { moveWave } from './move-wave.ts'
import type { ConnectOptions } from './run-connect.ts'
import { topicLines } from './topic-lines.ts'
import { sinkOf, sourceOf, Worker } from './worker.ts'

const WAVE_LINES = 1_000
const TOPIC = 'lines'

export async function runStandalone(options: ConnectOptions, folder: string): Promise<void> {
  const attempts = new Attempts('connect standalone', options)
  await using broker = await MortalBroker.start('connect-broker')
  const source = new GrowingFile(join(folder, 'source.txt'))
  const sink = join(folder, 'sink.txt')
  await using worker = await Worker.start({
    ...{ name: 'standalone', cache: options.cache, folder, program: 'ConnectStandalone' },
    settings: {
      'bootstrap.servers': broker.bootstrap,
      'offset.storage.file.filename': join(folder, 'offsets'),
    },
    connectors: { source: sourceOf(source.path, TOPIC), sink: sinkOf(sink, TOPIC) },
  })
  const acts: readonly (readonly [string, () => Promise<void>])[] = [
    ['moves lines', () => Promise.resolve()],
    ['moves on after its broker is killed', () => broker.killFor(500)],
    ['moves on after its broker is killed and away for five seconds', () => broker.killFor(5_000)],
    [
      'moves on after it is killed',
      async () => {
        await worker.kill()
        await worker.startAgain()
      },
    ],
  ]
  const all = numberedLines()
  for (const [index, [says, act]] of acts.entries()) {
    const wave = all.slice(index * WAVE_LINES, (index + 1) * WAVE_LINES)
    const isWell = await attempts.attempt(says, async () => {
      await moveWave({ ways: [{ source, sink }], wave, act })
      return []
    })
    if (!isWell) return attempts.say(worker.account())
  }
  const kills = broker.kills + worker.kills
  const told = { topic: 0, sink: 0 }
  await attempts.attempt(
    'loses no line on its way to the topic, and keeps their order',
    async () => {
      const varve = new Varve({ brokers: [broker.bootstrap] })
      const partitions = [...(await topicLines(varve, TOPIC)).values()]
      const { faults, duplicates } = lineDifference(source.lines, partitions.flat())
      told.topic = duplicates
      const shuffled = partitions.filter(lines => stepsBack(lines) > kills)
      return [...faults, ...shuffled.map(lines => `there are ${stepsBack(lines)} steps back`)]
    },
  )
  await attempts.attempt('loses no line on its way to the file', async () => {
    const { faults, duplicates } = lineDifference(source.lines, writtenLines(sink))
    told.sink = duplicates
    return faults
  })
  await attempts.attempt('complains of nothing but what comes with a kill', async () => {
    await worker.stop()
    return unexpectedComplaints(worker.complaints)
  })
  attempts.say(
    `${source.lines.length} lines, ${broker.kills} kills of the broker, ${worker.kills} of the worker; ` +
      `${told.topic} lines twice in the topic, ${told.sink} in the file`,
  )
}
