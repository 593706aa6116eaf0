// The one command of a fresh clone. This file must parse on an old Node, so that it can say that it is too old: no syntax here that is newer
// than `import()`, and nothing is imported before the check. CommonJS, because it is loaded without the thread pool, whose size is taken
// from the environment when it is first used: so the broker runs in this very process, and a kill of it is a kill of the broker.

const NEEDED = [20, 19]
const version = process.versions.node.split('.').map(Number)

if (version[0] < NEEDED[0] || (version[0] === NEEDED[0] && version[1] < NEEDED[1])) {
  console.error(
    `Varve needs Node ${NEEDED.join('.')} or newer, and this is ${process.versions.node}.`,
  )
  process.exit(1)
} else {
  if (process.env.UV_THREADPOOL_SIZE === undefined) process.env.UV_THREADPOOL_SIZE = '16'
  void import('./launch.mjs').then(launch => launch.start())
}
