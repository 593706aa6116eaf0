// The one command of a fresh clone. This file must parse on an old Node, so that it can say that it is too old:
// no syntax here that is newer than `import()`, and nothing is imported before the check.

const NEEDED = [20, 19]
const version = process.versions.node.split('.').map(Number)

if (version[0] < NEEDED[0] || (version[0] === NEEDED[0] && version[1] < NEEDED[1])) {
  console.error(
    `Varve needs Node ${NEEDED.join('.')} or newer, and this is ${process.versions.node}.`,
  )
  process.exit(1)
} else {
  void import('./launch.mjs').then(launch => launch.start(process.argv.slice(2)))
}
