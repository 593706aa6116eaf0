export * from './records.ts'
export * from './transaction-log.ts'
