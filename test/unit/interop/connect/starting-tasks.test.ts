import { describe, expect, it } from 'vitest'
import { withoutWaitsForStarts } from '../../../interop/connect/starting-tasks.ts'

const runtime = 'org.apache.kafka.connect.runtime'
const producer = 'org.apache.kafka.clients.producer'
const client =
  '[Producer clientId=connector-producer-left-source-0, transactionalId=c-left-source-0]'
const made = `[StartAndStopExecutor-1] INFO ${producer}.KafkaProducer - ${client} Instantiated a transactional producer.`
const asks = `[task-thread-left-source-0] INFO ${producer}.internals.TransactionManager - ${client} Invoking InitProducerId for the first time in order to acquire a producer ID`
const given = `[kafka-producer-network-thread] INFO ${producer}.internals.TransactionManager - ${client} ProducerId set to 1 with epoch 8`
const reads =
  '[task-thread-left-source-0] INFO org.apache.kafka.connect.storage.KafkaOffsetBackingStore - Starting KafkaOffsetBackingStore'
const notStopped = (task: string): string =>
  `[DistributedHerder-1] ERROR ${runtime}.Worker - Graceful stop of task ${task} failed.`
const threw = `[task-thread-left-source-0] WARN ${runtime}.WorkerTask - ExactlyOnceWorkerSourceTask{id=left-source-0} After being scheduled for shutdown, the orphan task threw an uncaught exception. A newer instance of this task might be already running`
const refused = [
  'org.apache.kafka.connect.errors.ConnectException: Error trying to read to end of config log',
  `\tat ${runtime}.distributed.DistributedHerder.verifyTaskGenerationAndOwnership(DistributedHerder.java:2295)`,
]
const notEnded =
  '[DistributedHerder-1] ERROR org.apache.kafka.common.utils.ThreadUtils - Executor java.util.concurrent.ThreadPoolExecutor@61d08c2c[Shutting down, pool size = 1] did not terminate in time'
const other = `[main] WARN ${runtime}.Other - something else`

describe('what a worker of Connect complains of', () => {
  it('is nothing when it waited for a task that waited for it', () => {
    const before = [made, notStopped('left-source-0')]
    const after = [made, asks, given, notStopped('left-source-0'), notEnded, threw, ...refused]
    expect(withoutWaitsForStarts([...before, ...after])).toEqual([])
  })

  it('keeps all else, with what stands below it', () => {
    const lines = [made, other, '\tat somewhere', notStopped('left-source-0'), other]
    expect(withoutWaitsForStarts(lines)).toEqual([`${other}\n\tat somewhere`, other])
  })

  it.each([
    ['waits for its producer id', [made, asks]],
    ['reads its offsets', [made, asks, given, reads]],
    ['is another one', []],
  ])('keeps that a task was not stopped that %s', (_, told) => {
    const complaints = [notStopped('left-source-0'), notEnded]
    expect(withoutWaitsForStarts([...told, ...complaints])).toEqual(complaints)
  })

  it('keeps the end of a task that nobody waited for, and one of another cause', () => {
    const entry = [threw, ...refused].join('\n')
    expect(withoutWaitsForStarts([made, threw, ...refused])).toEqual([entry])
    const lines = [made, notStopped('left-source-0'), threw, 'java.lang.IllegalStateException']
    expect(withoutWaitsForStarts(lines)).toEqual([`${threw}\njava.lang.IllegalStateException`])
  })
})
