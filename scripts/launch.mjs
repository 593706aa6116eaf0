import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, SetupError, setUp } from './setup.mjs'

/** The broker, from the built packages, in this process; it takes what follows `npm start --` from the arguments. */
export async function start() {
  prepare()
  await import(pathToFileURL(join(root, 'packages/broker/dist/main.js')).href)
}

/** The unit, golden and property tests; what follows `npm test --` is passed on to vitest. */
export function test(args) {
  const config = join(root, 'test/vitest.config.ts')
  run([join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, ...args])
}

function prepare() {
  try {
    setUp(root)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

function run(args) {
  prepare()
  // A process of its own: vitest reads its arguments itself.
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
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
