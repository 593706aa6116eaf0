export { CommandError, OutputClosedError, UsageError } from './command-error.ts'
export { DONE, FAILED, INTERRUPTED, MISUSED, runVarve } from './run.ts'
export type { Terminal } from './terminal.ts'
