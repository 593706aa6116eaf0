/** Locks the folder named on the command line, says so, and stays until it is killed. */

import { NodeDisk } from '../../packages/broker/src/node/disk.ts'

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('which folder?')
await new NodeDisk().lock(directory)
console.log('held')
setInterval(() => undefined, 1000)
