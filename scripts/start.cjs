// The one command of a fresh clone. This file must parse on an old Node, so that it can say that it is too old: no syntax here that is newer
// than `import()`, and nothing is loaded before the check. CommonJS, because it is loaded without the thread pool, whose size is taken
// from the environment when it is first used: so the broker runs in this very process, and a kill of it is a kill of the broker.

require('./node-version.cjs').demandNode()

if (process.env.UV_THREADPOOL_SIZE === undefined) process.env.UV_THREADPOOL_SIZE = '16'
void import('./launch.mjs').then(launch => launch.start())
