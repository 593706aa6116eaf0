// Sets up like `npm start`, then runs the tests. Must parse on an old Node, as start.cjs explains.

require('./node-version.cjs').demandNode()

void import('./launch.mjs').then(launch => launch.test(process.argv.slice(2)))
