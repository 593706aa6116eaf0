#!/usr/bin/env node
// In git, so that npm can link the command before the packages are built. CommonJS, because it is loaded without the thread pool, whose size
// is taken from the environment when it is first used: `varve start` reads and syncs many files at once.
process.env.UV_THREADPOOL_SIZE ??= '16'
void import('../dist/main.js')
