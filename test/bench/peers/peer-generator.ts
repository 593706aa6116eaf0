/** The load on brokers that do not speak Kafka's protocol, in a process of its own. Started with `fork`; each message is a job. */
import type { Measured } from '../generator.ts'
import { pacedLatencies } from '../open-loop.ts'
import {
  type PeerLoad,
  type PublishLoad,
  protocolOf,
  type ReadLoad,
  type SteadyLoad,
} from './peer-loads.ts'

type Outcome = Omit<Measured, 'elapsedMs' | 'generatorCpuMs'>

/** Keeps so many frames under way; what is under way when the time is over is still waited for. */
async function publish(load: PublishLoad): Promise<Outcome> {
  const protocol = protocolOf(load.protocol)
  const { recordBytes, recordsPerFrame, inFlight, forMs } = load
  const frame = protocol.frame(load, recordBytes, recordsPerFrame)
  const copies = Buffer.concat(Array.from({ length: inFlight }, () => frame))
  let [sent, acknowledged, freed] = [0, 0, 0]
  let isDue = false
  let onEnd: () => void = () => undefined
  const ended = new Promise<void>(resolve => void (onEnd = resolve))
  const endsAt = performance.now() + forMs
  const socket = await protocol.publisher(load, records => {
    acknowledged += records
    freed += records
    if (isDue) return
    // What one chunk of the socket acknowledged is sent anew in one write.
    isDue = true
    process.nextTick(send)
  })
  const send = (): void => {
    isDue = false
    const frames = Math.floor(freed / recordsPerFrame)
    freed -= frames * recordsPerFrame
    if (performance.now() < endsAt) write(frames)
    else if (acknowledged === sent * recordsPerFrame) onEnd()
  }
  const write = (frames: number): void => {
    sent += frames
    socket.write(frames === inFlight ? copies : copies.subarray(0, frames * frame.length))
  }
  const closed = new Promise<never>((_, reject) => {
    socket.once('close', () => reject(new Error(`closed after ${acknowledged} acknowledgements`)))
  })
  write(inFlight)
  await Promise.race([ended, closed])
  closed.catch(() => undefined)
  socket.destroy()
  return { requests: sent, answerBytes: 0, records: acknowledged }
}

async function read(load: ReadLoad): Promise<Outcome> {
  let came = 0
  let onEnd: () => void = () => undefined
  const ended = new Promise<void>(resolve => void (onEnd = resolve))
  const socket = await protocolOf(load.protocol).reader(load, records => {
    came += records
    if (came >= load.records) onEnd()
  })
  const closed = new Promise<never>((_, reject) => {
    socket.once('close', () => reject(new Error(`closed after ${came} of ${load.records} records`)))
  })
  await Promise.race([ended, closed])
  closed.catch(() => undefined)
  socket.destroy()
  if (came !== load.records) throw new Error(`${came} records came instead of ${load.records}`)
  return { requests: came, answerBytes: 0, records: came }
}

async function steady(load: SteadyLoad): Promise<Outcome> {
  const protocol = protocolOf(load.protocol)
  const each = (call: (index: number) => void): ((records: number) => void) => {
    let next = 0
    return records => {
      for (const end = next + records; next < end; next += 1) call(next)
    }
  }
  const latencies = await pacedLatencies(load, {
    frame: protocol.frame(load, load.recordBytes, 1),
    producer: onAnswer => protocol.publisher(load, each(onAnswer)),
    consumer: onRecord => protocol.reader(load, each(onRecord)),
  })
  const records = Math.round((load.perSecond * load.forMs) / 1000)
  return { requests: records, answerBytes: 0, records, latencies }
}

function outcome(load: PeerLoad): Promise<Outcome> {
  switch (load.type) {
    case 'publish':
      return publish(load)
    case 'read':
      return read(load)
    case 'steady':
      return steady(load)
  }
}

async function run(load: PeerLoad): Promise<Measured> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const done = await outcome(load)
  const elapsedMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  return { ...done, elapsedMs, generatorCpuMs: (user + system) / 1000 }
}

process.on('message', (load: PeerLoad) => {
  run(load).then(
    measured => process.send?.({ measured }),
    (error: Error) => process.send?.({ problem: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
