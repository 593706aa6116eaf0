export { crc32c } from './node/crc32c.ts'
export * from './records/index.ts'
export { type Crc32c, portableCrc32c } from './wire/crc32c.ts'
