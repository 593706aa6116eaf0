/**
 * Sources that have no test of their own in `test/unit`, and why. This list only shrinks: tidy asks for a file to be taken off once
 * it has its test.
 */
export const untested: ReadonlySet<string> = new Set([
  // Wiring: `test/integration` starts whole brokers through it, over memory, disk and sockets.
  'packages/broker/src/broker.ts',
  // The program around it: `test/integration/main.test.ts` runs it as a process of its own.
  'packages/broker/src/main.ts',
])
