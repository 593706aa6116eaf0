/** Kafka Connect's file connectors, standalone and distributed, on a broker that is killed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '../run.ts'
import { runDistributed } from './distributed.ts'
import { runStandalone } from './standalone.ts'

export const CONNECT = 'connect'

export interface ConnectOptions {
  readonly cache: string
  readonly report: (outcome: Outcome) => void
  readonly log: (line: string) => void
}

export async function runConnect(options: ConnectOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-connect-'))
  try {
    await runStandalone(options, folder)
    await runDistributed(options, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
