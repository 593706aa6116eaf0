/**
 * The load, in a process of its own: whole frames prepared before the clock starts, a raw socket, and no more reading of the
 * answers than their sizes and error codes. Started with `fork`; each message is a job, each answer its measurement.
 */
import { connect } from 'node:net'
import { commitFrame, fetchFrame, produceFrame } from './frames.ts'

export type Load = ProduceLoad | FetchLoad | CommitLoad

interface LoadTarget {
  readonly port: number
  readonly topic: string
  /** Requests in all; the load ends when the last is answered. */
  readonly requests: number
}

export interface ProduceLoad extends LoadTarget {
  readonly type: 'produce'
  readonly recordBytes: number
  readonly batchBytes: number
  readonly partitions: number
  readonly connections: number
  /** Per connection. */
  readonly inFlight: number
}

export interface FetchLoad extends LoadTarget {
  readonly type: 'fetch'
  readonly offset: number
  readonly maxBytes: number
  readonly inFlight: number
}

/** Offset commits, each of one partition, by a group of its own for each connection. */
export interface CommitLoad extends LoadTarget {
  readonly type: 'commit'
  readonly connections: number
  /** Per connection. */
  readonly inFlight: number
}

export interface Measured {
  readonly elapsedMs: number
  readonly requests: number
  readonly answerBytes: number
  readonly generatorCpuMs: number
}

interface Plan {
  readonly port: number
  readonly frames: readonly Buffer[]
  readonly requests: number
  readonly inFlight: number
  /** Where the error code of a Produce answer lies, counted from the answer's size; undefined: answers are not looked into. */
  readonly errorAt: number | undefined
}

const RECEIVE_BYTES = 65_536

/** Keeps `inFlight` requests under way on one connection until `requests` are answered. */
function drive(plan: Plan): Promise<number> {
  const { port, frames, requests, inFlight, errorAt } = plan
  return new Promise((resolve, reject) => {
    let sent = 0
    let answered = 0
    let answerBytes = 0
    let frameLeft = 0
    const prefix = Buffer.alloc(4)
    let prefixBytes = 0
    const small = frames.length === 1 && (frames[0]?.length ?? 0) < 4096
    const [first = Buffer.alloc(0)] = frames
    const copies = small ? Buffer.concat(Array.from({ length: inFlight }, () => first)) : first

    const send = (count: number): void => {
      const more = Math.min(count, requests - sent)
      if (more <= 0) return
      if (small) socket.write(copies.subarray(0, more * first.length))
      else
        for (let index = 0; index < more; index += 1)
          socket.write(frames[(sent + index) % frames.length] ?? first)
      sent += more
    }
    const take = (chunk: Buffer): number => {
      let completed = 0
      let at = 0
      while (at < chunk.length) {
        if (frameLeft === 0) {
          while (prefixBytes < 4 && at < chunk.length) prefix[prefixBytes++] = chunk[at++] ?? 0
          if (prefixBytes < 4) break
          frameLeft = prefix.readInt32BE(0)
          prefixBytes = 0
          if (errorAt !== undefined && at + frameLeft <= chunk.length) {
            const code = chunk.readInt16BE(at + errorAt - 4)
            if (code !== 0) throw new Error(`a request was answered with the error ${code}`)
          }
        }
        const taken = Math.min(frameLeft, chunk.length - at)
        frameLeft -= taken
        at += taken
        if (frameLeft === 0) completed += 1
      }
      answerBytes += chunk.length
      return completed
    }
    const buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES)
    const onread = {
      buffer,
      callback(bytes: number): boolean {
        try {
          const completed = take(buffer.subarray(0, bytes))
          answered += completed
          send(completed)
        } catch (error) {
          reject(error as Error)
          socket.destroy()
        }
        if (answered === requests) {
          resolve(answerBytes)
          socket.destroy()
        }
        return true
      },
    }
    const socket = connect({ port, host: '127.0.0.1', onread })
    socket.setNoDelay(true)
    socket.once('connect', () => send(inFlight))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`closed after ${answered} of ${requests} answers`)))
  })
}

function plansOf(load: Load): Plan[] {
  const { port, requests, topic, inFlight } = load
  switch (load.type) {
    case 'fetch': {
      const frames = [fetchFrame(topic, load.offset, load.maxBytes)]
      return [{ port, frames, requests, inFlight, errorAt: undefined }]
    }
    case 'commit': {
      const { connections } = load
      // Size, correlation id, tags, throttle time, topics, name, partitions, index.
      const errorAt = 4 + 4 + 1 + 4 + 1 + 1 + topic.length + 1 + 4
      return Array.from({ length: connections }, (_, index) => {
        const frames = [commitFrame(`group-${index}`, topic)]
        return { port, frames, requests: Math.floor(requests / connections), inFlight, errorAt }
      })
    }
    case 'produce': {
      const { connections, partitions, recordBytes, batchBytes } = load
      // Size, correlation id, tags, topics, name, partitions, index.
      const errorAt = 4 + 4 + 1 + 1 + 1 + topic.length + 1 + 4
      return Array.from({ length: connections }, (_, index) => {
        const own = Array.from({ length: partitions }, (__, partition) => partition)
        const frames = own
          .filter(partition => partition % connections === index)
          .map(partition => produceFrame({ topic, partition, recordBytes, batchBytes }))
        return { port, frames, requests: Math.floor(requests / connections), inFlight, errorAt }
      })
    }
  }
}

async function run(load: Load): Promise<Measured> {
  const plans = plansOf(load)
  const cpu = process.cpuUsage()
  const began = performance.now()
  const bytes = await Promise.all(plans.map(drive))
  const elapsedMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  return {
    elapsedMs,
    requests: plans.reduce((sum, plan) => sum + plan.requests, 0),
    answerBytes: bytes.reduce((sum, count) => sum + count, 0),
    generatorCpuMs: (user + system) / 1000,
  }
}

process.on('message', (load: Load) => {
  run(load).then(
    measured => process.send?.({ measured }),
    (error: Error) => process.send?.({ problem: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
