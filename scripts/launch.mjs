import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, SetupError, setUp } from './setup.mjs'

/** The broker, from the built packages; what follows `npm start --` is passed on. */
export function start(args) {
  run([join(root, 'packages/broker/dist/main.js'), ...args])
}

/** The unit, golden and property tests; what follows `npm test --` is passed on to vitest. */
export function test(args) {
  const config = join(root, 'test/vitest.config.ts')
  run([join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, ...args])
}

function run(args) {
  try {
    setUp(root)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    process.exit(1)
  }
  // A process of its own: the thread pool takes its size from the environment it starts with.
  const env = { UV_THREADPOOL_SIZE: '16', ...process.env }
  const child = spawn(process.execPath, args, { stdio: 'inherit', env })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal sends its interrupt to the child as well; a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', error => {
    console.error(`Could not start ${args[0]}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}
