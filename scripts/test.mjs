// Sets up like `npm start`, then runs the tests. Must parse on an old Node, as start.cjs explains.

const NEEDED = [20, 19]
const version = process.versions.node.split('.').map(Number)

if (version[0] < NEEDED[0] || (version[0] === NEEDED[0] && version[1] < NEEDED[1])) {
  console.error(
    `Varve needs Node ${NEEDED.join('.')} or newer, and this is ${process.versions.node}.`,
  )
  process.exit(1)
} else {
  void import('./launch.mjs').then(launch => launch.test(process.argv.slice(2)))
}
