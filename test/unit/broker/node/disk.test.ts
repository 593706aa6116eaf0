import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { NodeDisk } from '../../../../packages/broker/src/node/disk.ts'
import { describeDisk } from '../../../support/disk-laws.ts'

const base = fs.mkdtempSync(join(tmpdir(), 'varve-disk-'))
afterAll(() => fs.rmSync(base, { recursive: true, force: true }))

const make = async () => ({ disk: new NodeDisk(), root: fs.mkdtempSync(join(base, 'root-')) })

describeDisk('the node disk', make)
