#!/usr/bin/env node
import { processTerminal } from './process-terminal.ts'
import { runVarve } from './run.ts'

// Set, not called: what was written must still leave before the process ends.
process.exitCode = await runVarve(process.argv.slice(2), processTerminal())
