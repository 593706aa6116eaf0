export * from './records.ts'
export * from './share-snapshot.ts'
export * from './share-update.ts'
