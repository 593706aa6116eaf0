/**
 * Sources that have no test of their own in `test/unit` yet. This list only shrinks: tidy asks for a file to be taken off once
 * it has its test. Those of the log are run by the tests of `partition-log`, the recovery laws in `test/property` and `test/crash`.
 */
export const untested: ReadonlySet<string> = new Set([
  'packages/broker/src/broker.ts',
  'packages/broker/src/main.ts',
])
