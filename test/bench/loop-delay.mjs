/**
 * Loaded into a broker with `--import`: how long its event loop is held. Each SIGUSR2 writes what was seen since the last one to the file that
 * `VARVE_LOOP_FILE` names. Next to the wall clock stands the processor time of the loop's own thread between two ticks, which neighbours
 * on the machine cannot lengthen.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const TICK_MS = 5
const file = process.env['VARVE_LOOP_FILE']
const histogram = monitorEventLoopDelay({ resolution: 10 })
histogram.enable()

/** In milliseconds. */
const threadCpuMs = () =>
  Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6

let held = []
let last = threadCpuMs()
setInterval(() => {
  const now = threadCpuMs()
  held.push(now - last)
  last = now
}, TICK_MS).unref()

let count = 0
process.on('SIGUSR2', () => {
  const cpu = held.toSorted((a, b) => a - b)
  const at = share => cpu[Math.min(cpu.length - 1, Math.floor(cpu.length * share))] ?? 0
  const report = {
    number: (count += 1),
    ticks: cpu.length,
    cpuP99Ms: at(0.99),
    cpuMaxMs: at(1),
    wallP99Ms: histogram.percentile(99) / 1e6,
    wallMaxMs: histogram.max / 1e6,
    memory: process.memoryUsage(),
  }
  histogram.reset()
  held = []
  writeFileSync(`${file}.new`, JSON.stringify(report))
  renameSync(`${file}.new`, file)
})
