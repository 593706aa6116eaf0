/**
 * A thread that sends one prepared frame at each intended time, whatever became of those before: it sleeps until then, and writes to the
 * socket itself, so that no other work of the generator makes it late. How late it was all the same goes into `late`.
 */
import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

const { fd, frame, startNs, intervalNs, count, late } = workerData
const bytes = Buffer.from(frame)
const lateMs = new Float64Array(late)
const nap = new Int32Array(new SharedArrayBuffer(4))
const now = () => Number(process.hrtime.bigint())

for (let index = 0; index < count; index += 1) {
  const due = startNs + index * intervalNs
  for (let left = due - now(); left > 0; left = due - now()) Atomics.wait(nap, 0, 0, left / 1e6)
  lateMs[index] = (now() - due) / 1e6
  write()
}
parentPort.postMessage('sent')

function write() {
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      // The socket's buffer is full; the time goes on, and what waits is late.
      if (error.code !== 'EAGAIN') throw error
      Atomics.wait(nap, 0, 0, 0.2)
    }
  }
}
