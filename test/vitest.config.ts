import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = ['@varve/source']

/** Tests read the packages' sources, never a stale `dist`. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    include: ['test/**/*.test.ts'],
    // By default one processor is left idle: on two, that is half of them.
    maxWorkers: availableParallelism(),
    // A worker loads the sources once, not once per file: two thirds of the time went there. Hence no test mocks a module.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
